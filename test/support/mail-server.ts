// A real mail server for tests: it keeps what it gets. What it refuses, a test decides.

import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Whether the connection was encrypted when it came. */
  readonly isEncrypted: boolean
  readonly user: string | undefined
  /** As it came: headers, an empty line, the body. */
  readonly raw: string
}

export interface MailServer extends AsyncDisposable {
  readonly port: number
  readonly received: readonly ReceivedMail[]
  /** Resolves when there are as many. */
  receive(count: number): Promise<readonly ReceivedMail[]>
}

const fixture = (name: string): string => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url), 'utf8')

/** The certificate's authority: itself, for `localhost`. */
export const MAIL_SERVER_CA = new URL('../fixtures/tls/localhost.pem', import.meta.url).pathname

export interface MailServerSettings {
  /** The one login that is right; absent: nobody has to log in. */
  readonly login?: { readonly user: string; readonly password: string }
  /** TLS from the first byte. */
  readonly isImplicit?: boolean
  /** Offers no encryption at all. */
  readonly isPlain?: boolean
  /** The code with which this recipient is refused. */
  readonly refuse?: (recipient: string) => number | undefined
  readonly port?: number
}

export async function startMailServer(settings: MailServerSettings = {}): Promise<MailServer> {
  const received: ReceivedMail[] = []
  let woken = Promise.withResolvers<void>()
  const server = new SMTPServer(
    optionsFor(settings, (mail) => {
      received.push(mail)
      woken.resolve()
      woken = Promise.withResolvers()
    }),
  )
  // A client that distrusts the certificate hangs up; that is what its test is about.
  server.on('error', () => {})
  const listening = Promise.withResolvers<void>()
  server.listen(settings.port ?? 0, '127.0.0.1', () => listening.resolve())
  await listening.promise
  return {
    port: (server.server.address() as AddressInfo).port,
    received,
    async receive(count: number) {
      while (received.length < count) await woken.promise
      return received
    },
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}

function optionsFor(settings: MailServerSettings, keep: (mail: ReceivedMail) => void): SMTPServerOptions {
  const { login, isImplicit = false, isPlain = false, refuse } = settings
  return {
    secure: isImplicit,
    key: fixture('localhost-key.pem'),
    cert: fixture('localhost.pem'),
    disabledCommands: [...(isPlain ? ['STARTTLS'] : []), ...(login === undefined ? ['AUTH'] : [])],
    authOptional: login === undefined,
    disableReverseLookup: true,
    closeTimeout: 100,
    onAuth(auth, _session, answer) {
      if (auth.username === login?.user && auth.password === login?.password)
        return answer(null, { user: auth.username })
      return answer(Object.assign(new Error('no such login'), { responseCode: 535 }))
    },
    onRcptTo({ address }, _session, answer) {
      const code = refuse?.(address)
      answer(code === undefined ? null : Object.assign(new Error('not here'), { responseCode: code }))
    },
    onData(stream, { envelope, secure, user }, answer) {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => void chunks.push(chunk))
      stream.on('end', () => {
        const { mailFrom, rcptTo } = envelope
        keep({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          isEncrypted: secure,
          user,
          raw: Buffer.concat(chunks).toString('latin1'),
        })
        answer(null)
      })
    },
  }
}
