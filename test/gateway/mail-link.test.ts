// Where the mail about somebody who waits leads: to the page of those who wait, wherever the pages of the portal are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type EchoUpstream, startEchoUpstream } from '../support/echo-upstream.ts'
import { MAIL_SERVER_CA, startMailServer } from '../support/mail-server.ts'
import { type OidcLab, startOidcLab } from './oidc-lab.ts'

const PAGE = { accept: 'text/html', 'sec-fetch-mode': 'navigate' }

/** A gateway at which ada waits, and the link of the mail about her. */
async function waitFor(echo: EchoUpstream, path: string): Promise<AsyncDisposable & { lab: OidcLab; link: string }> {
  await using started = new AsyncDisposableStack()
  const mailServer = started.use(await startMailServer())
  const lab = started.use(
    await startOidcLab({
      config: {
        access: { admins: ['user:sso/grace'], signUp: { approval: 'required', notify: ['desk@lab.test'] } },
        mail: { from: 'gate@lab.test', smtp: { host: 'localhost', port: mailServer.port, ca: MAIL_SERVER_CA } },
        upstreams: [{ id: 'service', path, to: echo.url, allow: ['authenticated'] }],
      },
    }),
  )
  await lab.logIn('ada')
  const [mail] = await mailServer.receive(1)
  // Quoted-printable (RFC 2045 §6.7).
  const text = (mail?.raw ?? '').replace(/=\r?\n/g, '').replace(/=3D/g, '=')
  const [link] = /https?:\S+admin\S+/.exec(text) ?? assert.fail(text)
  const running = started.move()
  return { lab, link, [Symbol.asyncDispose]: () => running.disposeAsync() }
}

for (const [place, path, page] of [
  ['the portal is at the root', '/api/service/', '/admin/users?state=pending'],
  ['a service is at the root', '/', '/portal/admin/users?state=pending'],
] as const) {
  test(`where ${place}`, { timeout: 60_000 }, async () => {
    await using echo = await startEchoUpstream()
    await using waiting = await waitFor(echo, path)
    const { lab, link } = waiting
    assert.ok(link.startsWith(`${lab.url}/`), link)
    const stranger = await lab.stranger().get(link.slice(lab.url.length), PAGE)
    assert.match(
      String(stranger.headers.location),
      /^\/auth\/login\?returnTo=%2Fportal%2Fadmin%2Fusers%3Fstate%3Dpending$/,
    )

    const grace = await lab.logIn('grace')
    let answer = await grace.get(link.slice(lab.url.length), PAGE)
    let asked = link.slice(lab.url.length)
    while (answer.status === 303) {
      asked = String(answer.headers.location)
      answer = await grace.get(asked, PAGE)
    }
    assert.deepEqual([asked, answer.status], [page, 200])
    assert.match(answer.text, /<html/, 'a page of ours, not the service’s answer')
    const below = await grace.get('/portal//elsewhere.example', PAGE)
    assert.equal(below.status, 404, 'nothing else is led anywhere')
  })
}
