// A gateway with account tokens, people who can log in, and a service behind it that says what it was sent. The tests of
// this folder talk to it as scripts and browsers do.

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after } from 'node:test'
import { type Lab, type LabSettings, type Persona, startLab } from '../gateway/lab.ts'
import { createClient, type TestAnswer, type TestClient } from '../support/http-client.ts'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import { type RecordingUpstream, startRecordingUpstream } from '../support/recording-upstream.ts'
import type { ConfigLayer } from '../support/start-gateway.ts'

export interface AccountLab extends Lab {
  readonly upstream: RecordingUpstream
  /** As `GET /account/token/create` of that person's browser gives it. */
  tokenOf(who: Persona): Promise<string>
  /** A program without cookies. @param authorization as it stands in the header */
  ask(path: string, authorization?: string, method?: string): Promise<TestAnswer>
}

export interface AccountLabSettings extends LabSettings {
  /** Laid over the section `account`. */
  readonly account?: ConfigLayer
}

/** Keys of the tokens, the same in all labs of a file, so that several can be nodes of one. */
const directory = makeDirectory('account')
export const KEYS = ['newer', 'older'].map((name) => {
  const file = join(directory, name)
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 })
  return { file }
})
after(() => removeDirectory(directory))

export async function startAccountLab({
  account,
  config = {},
  ...settings
}: AccountLabSettings = {}): Promise<AccountLab> {
  const upstream = await startRecordingUpstream()
  const lab = await startLab({
    ...settings,
    config: {
      account: { keys: KEYS.slice(0, 1), ...account },
      upstreams: [{ id: 'up', path: '/api/up/', to: upstream.url, allow: ['group:lab'] }],
      ...config,
    },
  })
  const createToken = async (client: TestClient): Promise<string> => {
    const answer = await client.get('/account/token/create')
    if (answer.status !== 200) throw new Error(`no token: ${answer.status} ${answer.text}`)
    return (answer.json() as { token: string }).token
  }
  return Object.freeze({
    ...lab,
    upstream,
    tokenOf: async (who: Persona) => createToken(await lab.logIn(who)),
    ask: (path: string, authorization?: string, method = 'GET') =>
      createClient(lab.url).send(path, { method, ...(authorization !== undefined && { headers: { authorization } }) }),
    async [Symbol.asyncDispose]() {
      await lab[Symbol.asyncDispose]()
      await upstream.close()
    },
  })
}

export const bearer = (token: string): string => `Bearer ${token}`
export const basic = (username: string, password: string): string =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`

/** What a token says, unchecked. */
export const claimsOf = (token: string): Readonly<Record<string, unknown>> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
