// Git LFS of the stand-in: the batch API, and the storage behind its links. Like GitLab, it takes Basic only, with an access
// token as the password of `oauth2`, and its links carry a credential of the person: a token for LFS alone, in Basic form
// (app/controllers/repositories/lfs_api_controller.rb). `verify` is of the LFS specification; GitLab itself leaves it out.

import { randomBytes } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { readBody } from '../oidc-provider.ts'
import { type GitLabAnswer, store } from './answers.ts'
import type { OAuth } from './oauth.ts'
import type { GitLabProject } from './projects.ts'

const LFS_TYPE = 'application/vnd.git-lfs+json'

export interface LfsDeps {
  readonly url: string
  readonly oauth: OAuth
  readonly projects: readonly GitLabProject[]
}

export interface Lfs {
  /** undefined for what is no address of LFS. */
  answer(request: IncomingMessage): Promise<GitLabAnswer> | undefined
  /** Credentials that links carried: none may reach a browser. */
  readonly issued: ReadonlySet<string>
  /** What clients have verified, by oid. */
  readonly verified: readonly string[]
}

interface BatchObject {
  readonly oid: string
  readonly size: number
}

export function createLfs({ url, oauth, projects }: LfsDeps): Lfs {
  const issued = new Set<string>()
  const verified: string[] = []

  const mayUse = async (request: IncomingMessage, project: GitLabProject): Promise<boolean> => {
    const [, encoded = ''] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? []
    const [username, token = ''] = Buffer.from(encoded, 'base64').toString().split(':')
    const found = await oauth.find(token)
    return username === 'oauth2' && 'user' in found && project.members.has(found.user.id)
  }

  const actionsFor = (project: GitLabProject, operation: string, { oid, size }: BatchObject) => {
    const credential = `CANARY-lfs-${randomBytes(16).toString('hex')}`
    issued.add(credential)
    const Authorization = `Basic ${Buffer.from(`ada:${credential}`).toString('base64')}`
    issued.add(Authorization)
    const base = `${url}/${project.path}.git`
    const isStored = project.lfsObjects.has(oid)
    if (operation === 'download') {
      return isStored
        ? { download: { href: `${base}/gitlab-lfs/objects/${oid}`, header: { Authorization } } }
        : undefined
    }
    const type = { 'Content-Type': 'application/octet-stream', 'Transfer-Encoding': 'chunked' }
    return isStored
      ? undefined
      : {
          upload: { href: `${base}/gitlab-lfs/objects/${oid}/${size}`, header: { Authorization, ...type } },
          verify: { href: `${base}/info/lfs/verify`, header: { Authorization } },
        }
  }

  const batch = async (request: IncomingMessage, project: GitLabProject): Promise<GitLabAnswer> => {
    const asked = JSON.parse((await readBody(request)).toString()) as { operation: string; objects: BatchObject[] }
    const objects = asked.objects.map((object) => {
      const actions = actionsFor(project, asked.operation, object)
      return { ...object, ...(actions && { actions, authenticated: true }) }
    })
    return { status: 200, headers: { 'content-type': LFS_TYPE }, body: { objects } }
  }

  const storage = async (request: IncomingMessage, project: GitLabProject, rest: string): Promise<GitLabAnswer> => {
    const [, oid = '', size] = /^([0-9a-f]{64})(?:\/([0-9]+))?$/.exec(rest) ?? []
    if (request.method !== 'PUT') {
      const isStored = project.lfsObjects.has(oid)
      return { status: isStored ? 200 : 404, headers: { 'content-type': 'application/octet-stream' }, body: '' }
    }
    const stored = await store(request)
    if (stored.sha256 !== oid || stored.size !== Number(size)) return { status: 400, body: 'SHA256 or size mismatch' }
    project.lfsObjects.set(oid, stored.size)
    return { status: 200, headers: { 'content-type': LFS_TYPE } }
  }

  const answerFor = async (request: IncomingMessage, path: string, rest: string): Promise<GitLabAnswer> => {
    const project = projects.find((each) => each.path === path)
    if (project === undefined || !(await mayUse(request, project))) {
      return {
        status: 401,
        headers: { 'www-authenticate': 'Basic realm="GitLab"', 'content-type': 'text/plain' },
        body: 'HTTP Basic: Access denied.',
      }
    }
    if (rest === 'info/lfs/objects/batch') return batch(request, project)
    if (rest !== 'info/lfs/verify') return storage(request, project, rest.slice('gitlab-lfs/objects/'.length))
    const { oid } = JSON.parse((await readBody(request)).toString()) as BatchObject
    verified.push(oid)
    return { status: project.lfsObjects.has(oid) ? 200 : 404 }
  }

  return Object.freeze({
    issued,
    verified,
    answer(request: IncomingMessage) {
      const [, path = '', rest] =
        /^\/(.+)\.git\/(info\/lfs\/(?:objects\/batch|verify)|gitlab-lfs\/objects\/.+)$/.exec(request.url ?? '') ?? []
      return rest === undefined ? undefined : answerFor(request, path, rest)
    },
  })
}
