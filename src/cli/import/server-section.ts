// `server` of what is written: where people reach it, where it listens, what other origins may do, how often somebody may
// fail to log in.

import { resolve } from 'node:path'
import { formatDuration, formatListenAddress, parseListenAddress } from '#config'
import type { Original } from './original.ts'
import { group, type Setting, setting } from './setting.ts'

export interface ServerFacts {
  /** What people open, if it was said. */
  readonly url: string | undefined
  /** Of the original's file: its relative paths count from there. */
  readonly folder: string
  /** Where people find the pages of the pipeline service, which call across origins. */
  readonly pipelineUrl: string | undefined
}

export function readServer(original: Original, facts: ServerFacts): readonly Setting[] {
  const listen = readListen(original)
  const tls = readTls(original, facts.folder)
  const url = facts.url ?? guessUrl(original, tls.length > 0, listen)
  const isPlain = url.startsWith('http:') && !LOOPBACK.test(new URL(url).hostname)
  return group('server', [
    ...setting('url', url, 'What people open. Cookies, redirects and links follow it.'),
    ...setting('listen', listen),
    ...tls,
    ...(tls.length > 0 ? [] : setting('trustedProxies', [], ...TRUSTED_PROXIES)),
    ...setting(
      'dangerouslyPlainCookie',
      isPlain || undefined,
      'As the original does. Take it out once people come over https.',
    ),
    ...readCors(facts.pipelineUrl),
    ...group('limits', group('logins', readLogins(original))),
  ])
}

const LOOPBACK = /^(localhost|.*\.localhost|\[::1\]|127(\.\d{1,3}){3})$/

const TRUSTED_PROXIES = [
  'The addresses of proxies in front, whose X-Forwarded-For and X-Forwarded-Proto are believed. The original believed',
  'everybody.',
]

const DEFAULT_PORT = 8080

function readListen(original: Original): string {
  const host = original.text('service.ip') || '0.0.0.0'
  const port = original.integer('service.port', { min: 1, max: 65_535 }) ?? DEFAULT_PORT
  const address = formatListenAddress({ kind: 'tcp', host, port })
  if (parseListenAddress(address)?.kind !== 'tcp') {
    original.refuse(
      'service.ip',
      'it is no address to listen on',
      'write an address of this machine, such as "0.0.0.0"',
    )
  }
  return address
}

function readTls(original: Original, folder: string): readonly Setting[] {
  if (original.flag('service.ssl_enabled') !== true) return []
  const certificate = original.text('service.ssl_cert')
  const key = original.text('service.ssl_privkey')
  if (!certificate || !key) {
    original.refuse('service.ssl_enabled', 'https needs a certificate and its key', 'write ssl_cert and ssl_privkey')
    return []
  }
  return group('tls', [
    ...setting('certificate', resolve(folder, certificate)),
    ...setting('key', resolve(folder, key)),
  ])
}

function guessUrl(original: Original, isTls: boolean, listen: string): string {
  const isTlsInFront = original.choice('service.force_endpoint_protocol', ['http', 'https']) === 'https' && !isTls
  const hint = isTlsInFront ? '; a proxy in front does TLS, so it begins with https://' : ''
  original.warn(
    'service.ip',
    `the original answers to every name, and its file does not say which people open: correct server.url, or import again with --url${hint}`,
  )
  const scheme = isTls ? 'https' : 'http'
  const ownAddress = `${scheme}://${listen}`
  // What listens everywhere, or is behind a proxy, is opened by another name.
  const isOpenedByIt = !isTlsInFront && !/^(0\.0\.0\.0|\[[0:]+\]):/.test(listen) && URL.canParse(ownAddress)
  return isOpenedByIt ? ownAddress : `${scheme}://localhost:${listen.split(':').at(-1)}`
}

/** What the Web UI sends when it is at another origin: with calls, with uploads (tus), and the last two by mistake. */
const HEADERS = [
  'Content-Type',
  'Authorization',
  'X-Requested-With',
  'X-BackendAI-Version',
  'X-BackendAI-Date',
  'X-BackendAI-SessionID',
  'X-BackendAI-Encoded',
  'Tus-Resumable',
  'Upload-Length',
  'Upload-Metadata',
  'Upload-Offset',
  'credentials',
  'mode',
]

/** What it reads then; the name of a session is told to it anyway. */
const EXPOSED = ['Content-Disposition', 'Location', 'Tus-Resumable', 'Upload-Length', 'Upload-Offset']

const readCors = (pipelineUrl: string | undefined): readonly Setting[] =>
  group(
    'cors',
    [
      ...setting('origins', pipelineUrl === undefined ? [] : [new URL(pipelineUrl).origin]),
      ...setting('headers', HEADERS),
      ...setting('exposedHeaders', EXPOSED),
      ...setting('credentials', true),
    ],
    'Pages of which other origins may call, with the login of whoever looks at them. The original let every page do so.',
    'For one on another site (not only another host of the same domain): backendAi.session.cookie.sameSite: none.',
  )

const MOST = 999_999_999

/** The original counts an account's failures from everywhere together: a stranger can lock anybody out. */
function readLogins(original: Original): readonly Setting[] {
  const count = original.integer('session.login_allowed_fail_count', { min: 1, max: MOST }) ?? 10
  const seconds = original.integer('session.login_block_time', { min: 1, max: MOST }) ?? 1200
  return setting(
    'failures',
    `${count}/${formatDuration(seconds * 1000)}`,
    'Wrong passwords for one account from one address; strangers elsewhere cannot lock its owner out.',
  )
}
