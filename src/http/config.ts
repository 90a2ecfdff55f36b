// The `server` section: where people reach us, where we listen, whom we believe, and the limits of the front door.

import { z } from 'zod'
import { byteSize, duration, filePath, httpUrl, listenAddress, pemFile, rate } from '#config'
import { isTrustEntry } from './client.ts'
import { contrastRatio, isHexColour, READABLE } from './contrast.ts'
import { findHostFaults } from './host-faults.ts'
import { isLoopback } from './loopback.ts'
import { TLS_PAIR_FIX, whyNoTlsPair } from './tls-pair.ts'

const AT_RESTART = { 'x-restart': 'always' } as const

const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'an origin is a scheme, a host and a port if it is not the usual one: https://lab.example.org',
})

const cors = z
  .strictObject({
    origins: z.array(origin).default([]).describe('Origins whose pages may call this service from a browser.'),
    methods: z
      .array(z.string())
      .default(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'])
      .describe('Methods that such pages may use.'),
    headers: z
      .array(z.string())
      .default(['Content-Type', 'Authorization', 'X-Requested-With'])
      .describe('Request headers that such pages may set.'),
    exposedHeaders: z.array(z.string()).default([]).describe('Response headers that such pages may read.'),
    credentials: z
      .boolean()
      .default(false)
      .describe("Whether such pages may use the person's session. Browsers send the cookie only from the same site."),
    maxAge: duration('10m').describe('How long a browser may remember the answer to a preflight.'),
  })
  .prefault({})

const tls = z
  .strictObject({
    certificate: pemFile().describe('The certificate chain, PEM.'),
    key: pemFile().describe('The private key, PEM.'),
  })
  .superRefine(({ certificate, key }, context) => {
    const why = whyNoTlsPair(certificate, key)
    if (why === undefined) return
    const message = `certificate and key cannot be used together: ${why}`
    context.addIssue({ code: 'custom', path: ['certificate'], message, params: { fix: TLS_PAIR_FIX } })
  })

const rates = z
  .strictObject({
    address: z
      .strictObject({
        all: rate('600000/1m').describe('Requests of every kind: about what one process can answer.'),
        page: rate(false).describe('Pages of the portal.'),
        auth: rate('12000/1m').describe('The login page, its forms, and logging out.'),
        api: rate(false).describe('`/api/v1/`.'),
        proxied: rate(false).describe('Requests to upstreams.'),
        socket: rate(false).describe('Opening of WebSockets.'),
        callback: rate('12000/1m').describe('What login providers send people back to.'),
        verify: rate(false).describe('Questions of a proxy in front about requests from the address.'),
        public: rate(false).describe('What is open to everybody: static sites, assets, health.'),
      })
      .prefault({})
      .describe('From one address. All addresses of an IPv6 /64 count as one.'),
    user: z
      .strictObject({
        all: rate('600000/1m').describe('Requests of every kind.'),
        page: rate(false).describe('Pages of the portal.'),
        api: rate(false).describe('`/api/v1/`.'),
        proxied: rate(false).describe('Requests to upstreams.'),
        socket: rate(false).describe('Opening of WebSockets.'),
      })
      .prefault({})
      .describe('From one person, in all their sessions.'),
  })
  .prefault({})

const logins = z
  .strictObject({
    failures: rate('5/5m').describe(
      'Wrong passwords for one account from one address, or from one browser that has logged in to it before.',
    ),
    failuresPerAddress: rate('50/5m').describe('Wrong passwords from one address, whatever the account.'),
    failuresPerAccount: rate('100/1h').describe(
      'Wrong passwords for one account from wherever it has not been used before. Its owner still gets in from where it has.',
    ),
    pendingPerAddress: rate('1000/10m').describe('Logins begun from one address that have not come back.'),
    pending: rate('30000/10m').describe(
      'The same from all addresses together. Browsers that have logged in before are not stopped by it.',
    ),
  })
  .prefault({})

const limits = z
  .strictObject({
    headBytes: byteSize('16KiB').describe('Request line and headers together.').meta(AT_RESTART),
    headTime: duration('10s', { min: '1ms', max: '1d' })
      .describe('A request whose headers take longer is closed.')
      .meta(AT_RESTART),
    bodyBytes: byteSize('1MiB').describe(
      'The body of a request to a page or API of our own. Proxied bodies have no limit.',
    ),
    bodyTime: duration('20s', { min: '1ms', max: '1d' }).describe('How long such a body may take to arrive.'),
    keepAlive: duration('75s', { min: '1ms', max: '1d' })
      .describe('An idle connection is closed after this; longer than in the proxy in front.')
      .meta(AT_RESTART),
    connections: z.int().min(1).default(20_000).describe('Connections that one process holds open.').meta(AT_RESTART),
    connectionsPerAddress: z
      .int()
      .min(1)
      .default(10_000)
      .describe('The same from one address (an IPv6 /64). Not for trusted proxies.')
      .meta(AT_RESTART),
    logins: logins.describe('How often somebody may try to log in, over all nodes, before 429.'),
    rates: rates.describe(
      'How often somebody may ask, over all nodes, before 429: `100/1m` is a hundred in a minute, at once or spread.',
    ),
  })
  .prefault({})

const shutdown = z
  .strictObject({
    delay: duration('0s').describe('How long to keep serving after /readyz says 503, for balancers to notice.'),
    drain: duration('30s', { max: '1d' }).describe('How long requests may go on after that; then they are cut.'),
  })
  .prefault({})

const accent = z
  .string()
  .refine(isHexColour, { error: 'a colour is written #rrggbb' })
  .refine((colour) => !isHexColour(colour) || contrastRatio(colour, '#ffffff') >= READABLE, {
    error: `this colour cannot be read well enough on white: WCAG 2.2 asks for a contrast of ${READABLE} to 1`,
    params: { fix: 'take a darker one; the dark theme makes its own, lighter one of it' },
  })

const branding = z
  .strictObject({
    title: z.string().min(1).default('Gatehouse').describe('The name in the header and in page titles.'),
    logo: filePath().optional().describe('A picture for the header (SVG, PNG, JPEG or WebP).'),
    accent: accent
      .optional()
      .describe(
        'The one colour of links, buttons and marks. It must be readable on white (4.5 to 1); the light theme darkens it as far as its greys need, the dark theme lightens it.',
      )
      .meta({ examples: ['#14558f'] }),
    footer: z.string().optional().describe('A line under every page.'),
    templates: z
      .record(z.string(), filePath())
      .default({})
      .describe('Files that replace page templates, by name: login, error, home, account.'),
  })
  .prefault({})

export const serverConfig = z
  .strictObject({
    url: httpUrl()
      .optional()
      .describe(
        'The address that people use, with the base path if there is one. Default: the first TCP address of `listen`.',
      )
      .meta({ ...AT_RESTART, examples: ['https://gate.example.org'] }),
    hosts: z
      .array(origin)
      .default([])
      .describe(
        'Names of their own for services that are not to share the portal’s origin: the addresses that people open, each with a host name of its own. An upstream says which one with `host`.',
      )
      .meta({ ...AT_RESTART, examples: [['https://notebooks.example.org']] }),
    listen: z
      .union([listenAddress(), z.array(listenAddress()).min(1)])
      .prefault('0.0.0.0:8080')
      .transform((value) => (Array.isArray(value) ? value : [value]))
      .describe('Where to listen: HOST:PORT, unix:/PATH or systemd; one or a list.')
      .meta(AT_RESTART),
    tls: tls
      .optional()
      .describe('Serve https on the TCP addresses. Without it a proxy in front does that.')
      .meta({ 'x-restart': 'presence' }),
    processes: z
      .union([z.int().min(1).max(256), z.literal('auto')])
      .default(1)
      .describe(
        'How many processes share the work, on the same addresses and stores; `auto` is one for each processor.',
      )
      .meta({ ...AT_RESTART, examples: [4, 'auto'] }),
    trustedProxies: z
      .array(
        z
          .string()
          .refine(isTrustEntry, {
            error: 'it should be an address, a range such as 10.0.0.0/8 that does not hold all addresses, or unix',
          })
          .meta({ examples: ['10.0.0.5'] }),
      )
      .default([])
      .describe(
        'Proxies in front whose X-Forwarded-For and X-Forwarded-Proto are believed, and who may ask /auth/verify: addresses, ranges, `unix`.',
      ),
    dangerouslyPlainCookie: z
      .boolean()
      .default(false)
      .describe(
        'Use a session cookie without Secure, for http to something else than this machine. Never in production.',
      )
      .meta(AT_RESTART),
    frameAncestors: z.array(origin).default([]).describe('Origins that may show our pages in a frame.'),
    cors: cors.describe('Which other origins may call us from a browser.'),
    limits: limits.describe('What one request may cost before anybody is known.'),
    shutdown: shutdown.describe('How the server stops on SIGTERM.'),
    branding: branding.describe('Name, logo and texts of the pages.'),
  })
  .superRefine((server, context) => {
    for (const { path, why, fix } of findHostFaults(server)) {
      context.addIssue({ code: 'custom', path: [...path], message: why, params: { fix } })
    }
    const url = server.url === undefined ? undefined : new URL(server.url)
    if (url?.protocol === 'http:' && !isLoopback(url.hostname) && !server.dangerouslyPlainCookie) {
      context.addIssue({
        code: 'custom',
        path: ['url'],
        message: 'browsers keep secure cookies only on https: use an https URL (a proxy in front may do TLS)',
      })
    }
  })
  .meta({ title: 'Server' })

export type ServerConfig = z.output<typeof serverConfig>
