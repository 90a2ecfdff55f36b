// A service on a host of its own gets what its signer uses, from the one session that the person has: the same token as at
// the portal, renewed once for both, and gone for both.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createManualClock } from '../support/manual-clock.ts'
import { findFreePort } from '../support/programs.ts'
import { startRecordingUpstream } from '../support/recording-upstream.ts'
import { createVisitor, hostNames } from './host-lab.ts'
import { startOidcLab } from './oidc-lab.ts'

const TOKEN_SECONDS = 300

test('one token for the portal and the host, renewed once for both, and gone with the session', async () => {
  await using service = await startRecordingUpstream()
  const clock = createManualClock(Date.now())
  const port = await findFreePort()
  const notes = `http://${hostNames.notes}:${port}`
  const at = { to: service.url, sign: { type: 'bearer', credential: 'sso' }, allow: ['group:lab'] }
  await using lab = await startOidcLab({
    clock,
    port,
    accessTokenSeconds: TOKEN_SECONDS,
    config: {
      server: { hosts: [notes] },
      upstreams: [
        { ...at, path: '/', host: hostNames.notes },
        { ...at, path: '/up/' },
      ],
    },
  })
  const ada = await lab.logIn('ada')
  const visitor = createVisitor(port)
  for (const [name, value] of ada.cookies) visitor.cookies(lab.url).set(name, value)
  assert.equal((await visitor.travel(`${notes}/`)).status, 200)

  const tokenAt = async (url: string): Promise<string | undefined> => {
    assert.equal((await visitor.send(url)).status, 200)
    return service.requests.at(-1)?.all('authorization')[0]
  }
  const [here, there] = [await tokenAt(`${lab.url}/up/`), await tokenAt(`${notes}/`)]
  assert.match(here ?? '', /^Bearer ./)
  assert.equal(there, here)

  const asked = lab.provider.calls.get('POST /token') ?? 0
  clock.advance((TOKEN_SECONDS - 59) * 1000)
  const renewed = await Promise.all([tokenAt(`${notes}/a`), tokenAt(`${notes}/b`), tokenAt(`${lab.url}/up/`)])
  assert.equal(new Set(renewed).size, 1)
  assert.notEqual(renewed[0], here)
  assert.equal((lab.provider.calls.get('POST /token') ?? 0) - asked, 1)

  // The provider vouches for ada no more: whichever host hears of it first, all of it is over.
  lab.accounts.splice(0)
  clock.advance((TOKEN_SECONDS - 59) * 1000)
  assert.ok((await visitor.send(`${notes}/`)).status >= 400)
  assert.equal((await visitor.send(`${lab.url}/api/v1/me`)).status, 401)
})
