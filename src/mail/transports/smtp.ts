// Gives mails to a mail server (RFC 5321), encrypted unless that was switched off by name. One connection for each mail:
// there are few, and none is left open.

import { isIP } from 'node:net'
import { systemClock } from '#kernel'
import { compose, type Sender } from '../compose.ts'
import type { SmtpConfig } from '../config.ts'
import { oneLine } from '../one-line.ts'
import { type MailTransport, type OutgoingMail, UndeliveredError } from '../transport.ts'

const CONNECT_MS = 10_000
const SILENCE_MS = 20_000

async function open(config: SmtpConfig) {
  // Loaded where a mail server is spoken to.
  const { createTransport } = await import('nodemailer')
  return createTransport(toOptions(config))
}

/**
 * Connects, encrypts and logs in as for a mail, and sends none.
 *
 * @returns why no mail could be given to the server; undefined if one could
 */
export async function trySmtp(config: SmtpConfig, limitMs: number): Promise<string | undefined> {
  const transport = await open(config)
  const late = Promise.withResolvers<never>()
  const cancel = systemClock.after(limitMs, () => late.reject(new Error(`no answer within ${limitMs / 1000} s`)))
  try {
    await Promise.race([transport.verify(), late.promise])
    return undefined
  } catch (error) {
    return toUndelivered(error).message
  } finally {
    cancel()
    transport.close()
  }
}

export function createSmtpTransport(config: SmtpConfig, sender: Sender): MailTransport {
  return Object.freeze({
    async deliver(mail: OutgoingMail) {
      const transport = await open(config)
      try {
        await transport.sendMail(compose(sender, mail))
      } catch (error) {
        throw toUndelivered(error)
      } finally {
        transport.close()
      }
    },
  })
}

function toOptions({ host, port, tls, ca, user, password, dangerouslyPlain }: SmtpConfig) {
  const isImplicit = tls === 'implicit' && !dangerouslyPlain
  return {
    host,
    port: port ?? (isImplicit ? 465 : 587),
    secure: isImplicit,
    ...(dangerouslyPlain ? { ignoreTLS: true } : { requireTLS: !isImplicit }),
    tls: {
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2' as const,
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== undefined && { ca }),
    },
    ...(user !== undefined && { auth: { type: 'LOGIN', user, pass: password?.reveal() ?? '' } }),
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    dnsTimeout: CONNECT_MS,
    socketTimeout: SILENCE_MS,
    maxResponseSize: 16 * 1024,
    // Company networks and this machine's own mail server are usual.
    allowInternalNetworkInterfaces: true,
  }
}

/** Only what the server says of this mail is final; whatever else is wrong may be put right (RFC 5321 §4.2.1). */
function toUndelivered(error: unknown): UndeliveredError {
  const { code, responseCode, command, message } = factsOf(error)
  const isAboutMail = (code === 'EENVELOPE' || code === 'EMESSAGE') && command !== 'MAIL FROM'
  const isFinal = isAboutMail && responseCode !== undefined && responseCode >= 500
  const why = [code ?? 'the mail server could not be used', message].filter((part) => part !== undefined).join(': ')
  return new UndeliveredError(oneLine(why), { isFinal, isAboutMail })
}

interface Facts {
  readonly code?: string | undefined
  readonly responseCode?: number | undefined
  readonly command?: string | undefined
  readonly message?: string | undefined
}

function factsOf(error: unknown): Facts {
  if (!(error instanceof Error)) return {}
  const { code, responseCode, command } = error as Error & Readonly<Record<string, unknown>>
  return {
    code: typeof code === 'string' ? code : undefined,
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    command: typeof command === 'string' ? command : undefined,
    message: error.message,
  }
}
