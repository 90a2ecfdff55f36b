// An example of a front proxy, tried out: the example's own files, with the addresses of this machine in them; Gatehouse
// with the example's `verify` section, people who can log in, and a service that shows what reaches it.

import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { type Lab, startLab } from '../gateway/lab.ts'
import { type EchoUpstream, startEchoUpstream } from './echo-upstream.ts'
import { findFreePort, isMissing, type Missing } from './programs.ts'

export interface FrontLab extends AsyncDisposable {
  /** Where people open everything: the proxy in front. */
  readonly url: string
  /** Its people are in front of the proxy. */
  readonly lab: Lab
  /** What the proxy serves by itself. */
  readonly service: EchoUpstream
}

export interface FrontPlaces {
  /** `127.0.0.1:PORT` of Gatehouse and of the service. */
  readonly gateway: string
  readonly service: string
}

interface Front {
  readonly url: string
  stop(): Promise<void>
}

/**
 * @param folder of the example, as a URL
 * @param startFront starts the proxy; it may ask a Gatehouse that does not run yet
 */
export async function startFrontLab(
  folder: URL,
  startFront: (places: FrontPlaces) => Promise<Front | Missing>,
): Promise<FrontLab | Missing> {
  const service = await startEchoUpstream()
  const gateway = `127.0.0.1:${await findFreePort()}`
  const front = await startFront({ gateway, service: `127.0.0.1:${service.port}` })
  if (isMissing(front)) {
    await service.close()
    return front
  }
  const { server, verify } = parse(readFileSync(new URL('gatehouse.yaml', folder), 'utf8'))
  const lab = await startLab({ config: { server: { ...server, url: front.url, listen: gateway }, verify } })
  return {
    url: front.url,
    lab,
    service,
    async [Symbol.asyncDispose]() {
      await front.stop()
      await lab[Symbol.asyncDispose]()
      await service.close()
    },
  }
}

/** The text of a file with some of it replaced. @throws where one of the pieces is not in it: then the test is out of date */
export function adapt(file: URL, replacements: Readonly<Record<string, string>>): string {
  let text = readFileSync(file, 'utf8')
  for (const [piece, replacement] of Object.entries(replacements)) {
    if (!text.includes(piece)) throw new Error(`${file.pathname} no longer holds: ${piece}`)
    text = text.replaceAll(piece, replacement)
  }
  return text
}
