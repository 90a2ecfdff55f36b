// A facility's user office: a server that speaks the four REST calls which sites with CalipsoPlus have, as documented, and
// records what it was asked. It stands in for a real one, of which none can be had; a test may bend any of its answers.

import type { IncomingHttpHeaders, ServerResponse } from 'node:http'
import { type ListeningServer, listen, readBody } from '../oidc-provider.ts'
import { documentedAnswer, sendJson } from './answers.ts'
import type { FacilityRecords } from './records.ts'

export { ada, createRecords, type FacilityExperiment, type FacilityRecords } from './records.ts'
export { sendJson }

export interface Facility {
  /** Without a slash at the end. */
  readonly url: string
  /** May be changed at any time. */
  readonly records: FacilityRecords
  /** What it was asked, in order. */
  readonly asked: FacilityRequest[]
  /** Answers in place of the documented ones, by the first segment of the path: `login`. */
  readonly bent: Map<string, (response: ServerResponse, request: FacilityRequest) => void>
  close(): Promise<void>
}

export interface FacilityRequest {
  readonly method: string
  /** Path and query as they came. */
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export async function startFacility(records: FacilityRecords): Promise<Facility> {
  const server: ListeningServer = await listen()
  const facility: Facility = { url: server.url, records, asked: [], bent: new Map(), close: server.close }
  server.serve((request, response) => {
    void (async () => {
      const body = (await readBody(request)).toString()
      const { method = '', url: target = '', headers } = request
      const asked = { method, target, headers, body }
      facility.asked.push(asked)
      const bent = facility.bent.get(target.split(/[/?]/)[1] ?? '')
      if (bent === undefined) sendJson(response, ...documentedAnswer(facility, asked))
      else bent(response, asked)
    })().catch(() => response.destroy())
  })
  return facility
}
