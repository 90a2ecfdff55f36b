// A GitLab that stands in for a real one: login, API and Git LFS, on a free port of 127.0.0.1. Each instance is one of its
// own, with its own people, projects and tokens.

import type { IncomingMessage, ServerResponse } from 'node:http'
import { listen } from '../oidc-provider.ts'
import type { GitLabAnswer } from './answers.ts'
import { createApi } from './api.ts'
import { createLfs, type Lfs } from './lfs.ts'
import { createOAuth, type GitLabApplication, type OAuth } from './oauth.ts'
import { createProject, type GitLabProject } from './projects.ts'
import { createGitLabUsers, type GitLabUser } from './users.ts'

export interface GitLabOptions {
  readonly applications: readonly GitLabApplication[]
  /** Kept by reference: who is taken out can neither log in nor refresh, and whose groups change has others at once. */
  readonly users?: GitLabUser[]
  /** Kept by reference. Project 7 of everybody but mallory, unless given. */
  readonly projects?: GitLabProject[]
  readonly port?: number
  readonly accessTokenSeconds?: number
  readonly idTokenSeconds?: number
}

export interface ApiRequest {
  readonly method: string
  /** As on the request line. */
  readonly target: string
  readonly headers: IncomingMessage['headers']
}

export interface GitLab extends AsyncDisposable {
  /** Its address, and the issuer of its tokens. Without a slash at the end. */
  readonly url: string
  readonly users: GitLabUser[]
  readonly projects: GitLabProject[]
  readonly oauth: OAuth
  readonly lfs: Pick<Lfs, 'issued' | 'verified'>
  /** How often a path was asked for: `POST /oauth/token`. */
  readonly calls: ReadonlyMap<string, number>
  /** What came for the API and for Git LFS, in order. */
  readonly requests: ApiRequest[]
  /** Answers such requests in its place; undefined: it answers itself. */
  instead: (request: ApiRequest) => GitLabAnswer | undefined | Promise<GitLabAnswer | undefined>
  /** Answers at the token endpoint in its place, which never hears of the request; undefined: it answers itself. */
  insteadOfTokens: () => GitLabAnswer | undefined
  /** Lists are too long to be counted. */
  isHuge: boolean
  close(): Promise<void>
}

export async function startGitLab({ users = createGitLabUsers(), ...options }: GitLabOptions): Promise<GitLab> {
  const server = await listen(options.port)
  const { url } = server
  const projects = options.projects ?? createDefaultProjects(users)
  const oauth = await createOAuth({ ...options, issuer: url, users })
  const lfs = createLfs({ url, oauth, projects })
  const api = createApi({ url, oauth, projects, isHuge: () => gitlab.isHuge })
  const calls = new Map<string, number>()
  const requests: ApiRequest[] = []

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: target = '', headers } = request
    const limited = target === '/oauth/token' ? gitlab.insteadOfTokens() : undefined
    if (limited !== undefined) return write(response, limited)
    const isApi = target.startsWith('/api/v4/')
    if (!isApi && !target.includes('.git/')) return oauth.handle(request, response)
    const recorded = { method, target, headers }
    requests.push(recorded)
    const instead = await gitlab.instead(recorded)
    write(response, instead ?? (await (isApi ? api(request) : lfs.answer(request))) ?? { status: 404 })
  }

  server.serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url)
    const call = `${request.method} ${pathname}`
    calls.set(call, (calls.get(call) ?? 0) + 1)
    answer(request, response).catch(() => response.destroy())
  })

  const gitlab: GitLab = {
    url,
    users,
    projects,
    oauth,
    lfs,
    calls,
    requests,
    instead: () => undefined,
    insteadOfTokens: () => undefined,
    isHuge: false,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  }
  return gitlab
}

const createDefaultProjects = (users: readonly GitLabUser[]): GitLabProject[] => [
  createProject(
    7,
    'plants/roots/barley',
    users.filter(({ username }) => username !== 'mallory').map(({ id }) => id),
  ),
]

function write(response: ServerResponse, { status, headers = {}, body }: GitLabAnswer): void {
  const isJson = body !== undefined && typeof body !== 'string' && !Buffer.isBuffer(body)
  // What GitLab's front server adds to each answer.
  response.setHeader('x-request-id', '01HUB')
  response.setHeader('set-cookie', '_gitlab_session=CANARY-gitlab-session; path=/; HttpOnly')
  response.writeHead(status, { ...(isJson && { 'content-type': 'application/json' }), ...headers })
  response.end(isJson ? JSON.stringify(body) : body)
}
