// The gateway as the outside meets it, through whatever stands in front: its address, its cookie, WebSockets, large bodies,
// streams, and whether the proxy in front is believed. Only what anybody may ask is asked, and nobody is logged in.

import { createTrustCheck } from '#http'
import { sleep, systemClock } from '#kernel'
import { ask, type Question, type Reply } from '../probe/ask.ts'
import { messageOf } from '../probe/outcome.ts'
import { checkCookie } from './check-cookie.ts'
import { type Check, type Finding, failure, judgeCertificate, ok, type Patient, skipped, warning } from './finding.ts'

const UNREACHED = ['cookie', 'upgrade', 'bodies', 'streams', 'front proxy'] as const

export const checkPublic: Check = async (patient) => {
  const { url } = patient
  if (url === undefined)
    return ['address', ...UNREACHED].map((check) => skipped(check, 'give --url, or server.url in the configuration'))
  const [address, reply] = await checkAddress(url)
  if (reply === undefined) return [address, ...UNREACHED.map((check) => skipped(check, 'the gateway is not reached'))]
  return [
    address,
    ...(reply.certificateEnds ? [judgeCertificate('certificate', reply.certificateEnds, Date.now())] : []),
    ...(await Promise.all([
      checkReadiness(url),
      guarded('cookie', () => checkCookie(url, patient.loaded.config)),
      guarded('upgrade', () => checkUpgrade(url)),
      checkBodies(url),
      guarded('streams', () => checkStream(patient, url)),
      guarded('front proxy', () => checkFront(patient, url)),
    ])),
  ]
}

async function guarded(check: string, work: () => Promise<Finding>): Promise<Finding> {
  try {
    return await work()
  } catch (error) {
    return failure(
      check,
      `the gateway is reached and then does not answer: ${messageOf(error)}`,
      'see the logs of the proxy in front',
    )
  }
}

/** The answers of the gateway bear this; those that a proxy makes up do not. */
const isOurs = ({ headers }: Reply): boolean => headers['x-request-id'] !== undefined

async function checkAddress(url: string): Promise<readonly [Finding, Reply | undefined]> {
  try {
    const reply = await ask(`${url}/healthz`)
    if (reply.status === 200 && isOurs(reply) && reply.body.includes('"ok"'))
      return [ok('address', `the gateway answers at ${url}`), reply]
    const what = `something else answers at ${url} (${reply.status})`
    return [
      failure('address', what, 'let the proxy in front pass the whole address, with its base path, to the gateway'),
      undefined,
    ]
  } catch (error) {
    const fix = 'start the gateway (gatehouse serve), and see that name, port and proxy lead to it'
    return [failure('address', `${url} is not reached: ${messageOf(error)}`, fix), undefined]
  }
}

async function checkReadiness(url: string): Promise<Finding> {
  return guarded('readiness', async () => {
    const { status, body } = await ask(`${url}/readyz`)
    return status === 200
      ? ok('readiness', 'it can do its work')
      : failure('readiness', `it cannot do its work: ${body.slice(0, 300)}`, 'see the lines about the stores')
  })
}

const HANDSHAKE = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'Z2F0ZWhvdXNlIGRvY3Rvcg==',
}

/** No WebSocket opens at /healthz, and the gateway says so; a proxy that drops `Upgrade` makes a plain request of it. */
async function checkUpgrade(url: string): Promise<Finding> {
  const reply = await ask(`${url}/healthz`, { headers: HANDSHAKE })
  if (reply.status === 404 && isOurs(reply)) return ok('upgrade', 'a WebSocket handshake reaches the gateway')
  const what =
    reply.status === 200
      ? 'the handshake of a WebSocket arrives as a plain request'
      : `something in front answers the handshake of a WebSocket (${reply.status})`
  return failure(
    'upgrade',
    what,
    'pass Upgrade and Connection on (nginx: proxy_http_version 1.1, and the map in docs/operate/front-proxies.md)',
  )
}

const LARGE_BYTES = 1_073_741_824

/** A large body is announced and not sent: whoever answers before it comes neither limits nor collects it. */
async function checkBodies(url: string): Promise<Finding> {
  const question: Question = {
    method: 'POST',
    headers: { 'content-length': String(LARGE_BYTES), 'content-type': 'application/octet-stream' },
    isUnfinished: true,
  }
  try {
    const reply = await ask(`${url}/healthz`, question)
    if (isOurs(reply)) return ok('bodies', 'a body of 1 GiB is passed on while it arrives')
    const fix =
      'raise the limit of the proxy in front (nginx: client_max_body_size 0); limits of the gateway are set per upstream'
    return warning('bodies', `something in front refuses a body of 1 GiB (${reply.status})`, fix)
  } catch {
    return warning(
      'bodies',
      'something in front collects bodies before it passes them on',
      'switch that off (nginx: proxy_request_buffering off): uploads then stream',
    )
  }
}

const LISTEN_MS = 4000

async function checkStream({ streamPath }: Patient, url: string): Promise<Finding> {
  if (streamPath === undefined) return skipped('streams', 'name an event stream that needs no login with --stream PATH')
  const address = `${url}${streamPath}`
  const { status, headers, piecesAtMs } = await ask(address, {
    headers: { accept: 'text/event-stream' },
    listenMs: LISTEN_MS,
  })
  if (status !== 200) return skipped('streams', `${address} answers ${status}`)
  if (!String(headers['content-type']).startsWith('text/event-stream'))
    return skipped('streams', `${address} is no event stream`)
  if (piecesAtMs.length > 1) return ok('streams', 'events arrive when they happen')
  const fix = 'switch the buffering of answers off in the proxy in front (nginx: proxy_buffering off)'
  return warning(
    'streams',
    `of ${address} ${piecesAtMs.length === 0 ? 'nothing' : 'one piece'} arrived within ${LISTEN_MS / 1000} s`,
    fix,
  )
}

/** An address for documentation (RFC 5737): nobody's. */
const MADE_UP = '203.0.113.77'

/** /auth/verify tells trusted proxies from others, and writes what it refuses, with the client's address, to the audit log. */
async function checkFront({ gateway, loaded }: Patient, url: string): Promise<Finding> {
  const check = 'front proxy'
  const { trustedProxies, tls } = loaded.config.server
  const reply = await ask(`${url}/auth/verify`, { headers: { 'x-forwarded-for': MADE_UP } })
  if (reply.body.includes('verify.untrustedProxy')) {
    if (!url.startsWith('https:') || tls !== undefined)
      return ok(check, 'none is trusted: the log names whoever connects')
    const fix = 'add the address from which it connects to server.trustedProxies; the gateway’s log names it'
    return warning(
      check,
      'the proxy that does TLS is not trusted: log, limits and session lists name it instead of the client',
      fix,
    )
  }
  const seen = await addressOf(gateway, String(reply.headers['x-request-id']))
  if (seen === undefined)
    return ok(check, 'it is trusted (what it says about clients was not looked at: ask again in a minute)')
  if (seen !== MADE_UP) return ok(check, `it is trusted, and names the client: ${seen}`)
  const fix = 'have the proxy set X-Forwarded-For itself (nginx: proxy_set_header X-Forwarded-For $remote_addr)'
  // What is asked from an address that is trusted itself may say whom it asks for.
  if (createTrustCheck(trustedProxies)('127.0.0.1')) {
    return warning(
      check,
      'it passes on an X-Forwarded-For that the client made up, or the doctor’s own address is trusted',
      `ask from another machine; if it stays so, ${fix}`,
    )
  }
  return failure(check, 'it passes on an X-Forwarded-For that the client made up, and is believed', fix)
}

const ENTRIES = 50
/** The gateway writes the entry after it has answered. */
const LOOKS = 10
const BETWEEN_LOOKS_MS = 100

/** Undefined if the entry was left out (one a minute is written), or if the stores cannot be read. */
async function addressOf(gateway: Patient['gateway'], requestId: string): Promise<string | undefined> {
  for (let look = 0; look < LOOKS; look += 1) {
    const entries = await gateway.apis.storage.audit
      .list({ limit: ENTRIES, action: 'access.refused' })
      .catch(() => undefined)
    const entry = entries?.find((each) => each.requestId === requestId)
    if (entry !== undefined || entries === undefined) return entry?.address
    await sleep(systemClock, BETWEEN_LOOKS_MS)
  }
  return undefined
}
