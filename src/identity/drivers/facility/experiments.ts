// Fetches a person's experiments, page by page. The facility's own links to other pages are not followed and not passed
// on: they say where the facility is, and could lead anywhere.

import { createCallFacility, type FacilityBasic, FacilityFault, parseJson } from './call.ts'
import { type Experiment, readExperiments } from './experiment.ts'
import { toPersonUrl } from './person-url.ts'

export interface ExperimentsQuery {
  /** From 1. */
  readonly page?: number
  readonly ordering?: ExperimentsOrdering
  /** Words; the facility looks for them in subject, body, beamline and number. */
  readonly search?: string
  /** Only for facilities that keep favourites themselves. */
  readonly favorite?: boolean
}

type OrderingField = 'proposal_id' | 'subject' | 'body' | 'beam_line'
/** With `-`, the other way round. */
export type ExperimentsOrdering = OrderingField | `-${OrderingField}`

export interface ExperimentsPage {
  /** How many there are on all pages. */
  readonly count: number
  readonly pageSize: number
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  readonly experiments: readonly Experiment[]
  /** Entries of the page that could not be read, and why: in words of ours, for the log. */
  readonly unreadable: readonly string[]
}

export interface ExperimentsSettings {
  /** What `experimentsUrl` accepts (CalipsoPlus: `DYNAMIC_EXPERIMENTS_DATA_RETRIEVAL_ENDPOINT`). */
  readonly url: string
  readonly basic?: FacilityBasic | undefined
  readonly pageSize?: number
}

/**
 * @param login the name of the account at the facility
 * @returns undefined if the facility does not know the account, or has no such page
 * @throws FacilityFault
 */
export type FetchExperiments = (login: string, query?: ExperimentsQuery) => Promise<ExperimentsPage | undefined>

const LIMITS = { timeoutMs: 10_000, maxBytes: 8 * 1024 * 1024 }
/** What CalipsoPlus asks for. */
const PAGE_SIZE = 7
const MAX_SEARCH_LENGTH = 1024

export function createFetchExperiments({ url, basic, pageSize = PAGE_SIZE }: ExperimentsSettings): FetchExperiments {
  const call = createCallFacility(LIMITS)
  return async (login, query = {}) => {
    const target = toPersonUrl(url, login)
    for (const [name, value] of toParameters(query, pageSize)) target.searchParams.append(name, value)
    const answer = await call({ url: target.href, basic })
    if (answer.status === 404) return undefined
    if (answer.status !== 200) throw new FacilityFault(`status ${answer.status} to a question for experiments`)
    return { pageSize, ...readExperiments(parseJson(answer)) }
  }
}

function toParameters(
  { page, ordering, search, favorite }: ExperimentsQuery,
  pageSize: number,
): readonly (readonly [string, string])[] {
  return [
    ['page_size', String(pageSize)] as const,
    ...(page === undefined ? [] : [['page', String(page)] as const]),
    ...(ordering === undefined ? [] : [['ordering', ordering] as const]),
    ...(search === undefined ? [] : [['search', search.slice(0, MAX_SEARCH_LENGTH)] as const]),
    ...(favorite === undefined ? [] : [['calipsouserexperiment__favorite', String(favorite)] as const]),
  ]
}
