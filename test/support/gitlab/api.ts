// The REST API v4 of the stand-in, as far as it is used: the person, projects, files of a repository, generic packages.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readBody } from '../oidc-provider.ts'
import { type GitLabAnswer, notFound, paginate, store, unauthorized } from './answers.ts'
import type { OAuth } from './oauth.ts'
import { findProject, type GitLabProject, toShownProject } from './projects.ts'
import type { GitLabUser } from './users.ts'

export interface ApiDeps {
  readonly url: string
  readonly oauth: OAuth
  readonly projects: readonly GitLabProject[]
  /** Whether lists say how long they are. */
  readonly isHuge: () => boolean
}

export type Api = (request: IncomingMessage) => Promise<GitLabAnswer>

interface Call {
  readonly request: IncomingMessage
  readonly user: GitLabUser
  /** Raw, below `/api/v4`. */
  readonly path: string
  readonly query: URLSearchParams
}

export function createApi({ url, oauth, projects, isHuge }: ApiDeps): Api {
  const listProjects = ({ user, query }: Call): GitLabAnswer => {
    const seen = projects.filter(({ members }) => members.has(user.id))
    const { page, headers } = paginate(seen, { url, path: '/api/v4/projects', query, isHuge: isHuge() })
    return { status: 200, headers, body: page.map((project) => toShownProject(project, url)) }
  }

  const answerProject = async (call: Call, segment: string, rest: string): Promise<GitLabAnswer> => {
    const project = findProject(projects, segment)
    if (project === undefined || !project.members.has(call.user.id)) return notFound('Project')
    if (rest === '') return { status: 200, body: toShownProject(project, url) }
    if (rest === '/repository/tree') {
      return { status: 200, body: [...project.files.keys()].map((path) => ({ path, type: 'blob' })) }
    }
    const [, file, raw] = /^\/repository\/files\/([^/]+)(\/raw)?$/.exec(rest) ?? []
    if (file !== undefined) return answerFile(call.request, project, decodeURIComponent(file), raw !== undefined)
    const [, name] = /^\/packages\/generic\/([^/]+\/[^/]+\/[^/]+)$/.exec(rest) ?? []
    if (name === undefined || call.request.method !== 'PUT') return notFound('')
    project.packages.set(name, await store(call.request))
    return { status: 201, body: { message: '201 Created' } }
  }

  return async (request) => {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const found = token === undefined ? undefined : await oauth.find(token)
    if (found === undefined || 'refused' in found) return unauthorized(found?.refused)
    const [target = '', search = ''] = (request.url ?? '').split('?', 2)
    const path = target.slice('/api/v4'.length)
    const isReading = request.method === 'GET' || request.method === 'HEAD'
    const reads = ['read_api', ...(path === '/user' ? ['read_user'] : [])]
    if (!found.scopes.has('api') && !(isReading && reads.some((scope) => found.scopes.has(scope)))) {
      return { status: 403, body: { error: 'insufficient_scope', scope: 'api' } }
    }
    const call = { request, user: found.user, path, query: new URLSearchParams(search) }
    const { id, username, displayName, email } = found.user
    if (path === '/user') return { status: 200, body: { id, username, name: displayName, email, state: 'active' } }
    if (path === '/projects') return listProjects(call)
    const [, segment, rest = ''] = /^\/projects\/([^/]+)(\/.*)?$/.exec(path) ?? []
    return segment === undefined ? notFound('') : answerProject(call, segment, rest)
  }
}

/** Repository files API: POST creates, PUT changes, GET and HEAD read. */
async function answerFile(
  request: IncomingMessage,
  { files }: GitLabProject,
  path: string,
  isRaw: boolean,
): Promise<GitLabAnswer> {
  const file = files.get(path)
  if (request.method === 'POST' || request.method === 'PUT') {
    if ((file !== undefined) === (request.method === 'POST')) {
      return {
        status: 400,
        body: {
          message: file === undefined ? 'A file with this name doesn’t exist' : 'A file with this name already exists',
        },
      }
    }
    const { content, encoding } = JSON.parse((await readBody(request)).toString()) as Record<string, string>
    const bytes = Buffer.from(content ?? '', encoding === 'base64' ? 'base64' : 'utf8')
    const sha256 = createHash('sha256').update(bytes).digest('hex')
    files.set(path, { sha256, size: bytes.length, text: bytes.toString() })
    return { status: request.method === 'POST' ? 201 : 200, body: { file_path: path, branch: 'main' } }
  }
  if (file === undefined) return notFound('File')
  if (isRaw) return { status: 200, headers: { 'content-type': 'text/plain' }, body: file.text ?? '' }
  return {
    status: 200,
    headers: {
      'x-gitlab-file-path': encodeURI(path),
      'x-gitlab-size': String(file.size),
      'x-gitlab-content-sha256': file.sha256,
    },
    body: { file_path: path, size: file.size, content_sha256: file.sha256, encoding: 'base64' },
  }
}
