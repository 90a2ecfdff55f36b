// A GitLab that stands in for a real one: its OAuth and OpenID side, on a free port of 127.0.0.1. Each instance is one of
// its own, with its own people and tokens.

import { listen } from '../oidc-provider.ts'
import { createOAuth, type GitLabApplication, type OAuth } from './oauth.ts'
import { createGitLabUsers, type GitLabUser } from './users.ts'

export interface GitLabOptions {
  readonly applications: readonly GitLabApplication[]
  /** Kept by reference: who is taken out can neither log in nor refresh, and whose groups change has others at once. */
  readonly users?: GitLabUser[]
  readonly port?: number
  readonly accessTokenSeconds?: number
}

export interface GitLab extends AsyncDisposable {
  /** Its address, and the issuer of its tokens. Without a slash at the end. */
  readonly url: string
  readonly users: GitLabUser[]
  readonly oauth: OAuth
  /** How often a path was asked for: `POST /oauth/token`. */
  readonly calls: ReadonlyMap<string, number>
  close(): Promise<void>
}

export async function startGitLab({ users = createGitLabUsers(), ...options }: GitLabOptions): Promise<GitLab> {
  const server = await listen(options.port)
  const oauth = await createOAuth({ ...options, issuer: server.url, users })
  const calls = new Map<string, number>()
  server.serve((request, response) => {
    const { pathname } = new URL(request.url ?? '/', server.url)
    const call = `${request.method} ${pathname}`
    calls.set(call, (calls.get(call) ?? 0) + 1)
    oauth.handle(request, response).catch(() => response.destroy())
  })
  return Object.freeze({
    url: server.url,
    users,
    oauth,
    calls,
    close: server.close,
    [Symbol.asyncDispose]: server.close,
  })
}
