// For the tests of this driver: a real Apache that asks for a password, as whatever server in front may, and says who it
// was in headers; behind it, whoever reads the request as the gateway would.

import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { peerOf } from '#http'
import { listen } from '../../../test/support/oidc-provider.ts'
import { isMissing, makeDirectory, startApache } from '../../../test/support/programs.ts'
import type { Callback } from '../provider.ts'

export const FRONT_SECRET = 'CANARY-5f0c1c3a9d7e4b28a6f1d2e3c4b5a697'

const directory = makeDirectory('front-secret')
/** As the configuration refers to it. */
export const secretFile = join(directory, 'secret')
writeFileSync(secretFile, FRONT_SECRET, { mode: 0o600 })

/** Somebody whom the front server knows, and what it says of them. */
export const grace = {
  username: 'grace',
  password: 'CANARY-password-grace',
  displayName: 'Grace Hopper, Ärztin für 計算機',
  groups: 'lab;beam\\;line',
}

export interface Front {
  /** Goes there as that person. @returns what arrives behind */
  visit(url: string): Promise<Callback>
  close(): Promise<void>
}

export async function startFront(): Promise<Front> {
  const arrived: Callback[] = []
  const behind = await listen()
  behind.serve((request, response) => {
    const url = new URL(`https://gate.test${request.url}`)
    arrived.push({ url, rawHeaders: request.rawHeaders, peer: peerOf(request.socket) })
    response.end()
  })
  const modules = ['proxy', 'proxy_http', 'auth_basic', 'authn_core', 'authn_file', 'authz_user']
  const apache = await startApache({ modules }, ({ directory }) => {
    const users = join(directory, 'users')
    // Apache reads it as the user that it became.
    chmodSync(directory, 0o755)
    writeFileSync(users, `${grace.username}:{SHA}${hash('sha1', grace.password, 'base64')}\n`, { mode: 0o644 })
    return `
      <Location "/">
        AuthType Basic
        AuthName front
        AuthBasicProvider file
        AuthUserFile "${users}"
        Require valid-user
        RequestHeader set X-Remote-User "expr=%{REMOTE_USER}"
        RequestHeader set X-Remote-Name "${grace.displayName}"
        RequestHeader set X-Remote-Groups "${grace.groups.replaceAll('\\', '\\\\')}"
        RequestHeader set X-Remote-Mail "%{NOBODY_SET_IT}e"
        RequestHeader set X-Gatehouse-Front "${FRONT_SECRET}"
      </Location>
      ProxyPass "/" "${behind.url}/"`
  })
  assert.ok(!isMissing(apache))
  return {
    async visit(url) {
      const { pathname, search } = new URL(url)
      const authorization = `Basic ${Buffer.from(`${grace.username}:${grace.password}`).toString('base64')}`
      const answer = await fetch(apache.url + pathname + search, { headers: { authorization } })
      assert.equal(answer.status, 200)
      return arrived.pop() ?? assert.fail('nothing arrived behind the front server')
    },
    async close() {
      await apache.stop()
      await behind.close()
    },
  }
}
