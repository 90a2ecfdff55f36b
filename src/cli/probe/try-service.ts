// Whether a service behind the door can be reached: any HTTP answer will do, because without a signature most refuse.

import { isIP } from 'node:net'
import { ask, type Question } from './ask.ts'
import { bad, good, messageOf, type Outcome } from './outcome.ts'

export interface ServicePlace {
  /** As in the configuration: http, https or unix. */
  readonly url: string
  /** What is asked for instead of its root. */
  readonly path?: string
  readonly tls?: Question['tls']
}

/** Its status is enough; what follows may never end. */
const HEAD_ONLY_MS = 1

export async function tryService({ url, path, tls }: ServicePlace): Promise<Outcome> {
  const [, socketPath, base = '/'] = /^unix:(\/[^:]+)(?::(\/.*))?$/.exec(url) ?? []
  const address = socketPath === undefined ? new URL(url) : new URL(`http://localhost${base}`)
  if (path !== undefined) address.pathname = path
  try {
    const { status } = await ask(address.href, { socketPath, listenMs: HEAD_ONLY_MS, ...(tls && { tls }) })
    return good(`${url} answers (${status})`)
  } catch (error) {
    const fix =
      socketPath === undefined && isIP(address.hostname) === 0
        ? 'start the service, or correct its address: it must be one that this machine can reach'
        : 'start the service, or correct its address'
    return bad(`${url} does not answer: ${messageOf(error)}`, fix)
  }
}
