// The documented answers: login, hash, is_staff, experiments.

import type { ServerResponse } from 'node:http'
import type { Facility, FacilityRequest } from './index.ts'
import type { FacilityExperiment, FacilityRecords } from './records.ts'

type DocumentedAnswer = [status: number, body: unknown]

export function documentedAnswer({ records, url }: Facility, request: FacilityRequest): DocumentedAnswer {
  const { pathname, searchParams } = new URL(request.target, url)
  switch (`${request.method} ${pathname}`) {
    case 'POST /login/':
      return login(records, readFields(request))
    case 'POST /hash/':
      return exchange(records, readFields(request))
    case 'POST /is_staff/':
      return hasBasic(records, request) ? isStaff(records, readFields(request)) : NO_CREDENTIALS
    default: {
      const [, name] = /^\/experiments\/([^/]+)\/$/.exec(pathname) ?? []
      if (request.method !== 'GET' || name === undefined) return [404, { detail: 'Not found.' }]
      return hasBasic(records, request)
        ? experiments(records, decodeURIComponent(name), new URL(request.target, url), searchParams)
        : NO_CREDENTIALS
    }
  }
}

export const sendJson = (response: ServerResponse, status: number, body: unknown): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const NO_CREDENTIALS: DocumentedAnswer = [403, { detail: 'Authentication credentials were not provided.' }]
const BAD_ARGUMENTS: DocumentedAnswer = [400, 'Bad arguments']

function readFields({ headers, body }: FacilityRequest): Readonly<Record<string, unknown>> {
  return headers['content-type'] === 'application/json' ? (JSON.parse(body) as Record<string, unknown>) : {}
}

function hasBasic({ basic }: FacilityRecords, { headers }: FacilityRequest): boolean {
  return headers.authorization === `Basic ${Buffer.from(`${basic.username}:${basic.password}`).toString('base64')}`
}

function login({ accounts }: FacilityRecords, { username, password }: Readonly<Record<string, unknown>>) {
  if (typeof username !== 'string' || typeof password !== 'string') return BAD_ARGUMENTS
  const isRight = accounts.get(username)?.password === password
  return (isRight ? [200, 'Login OK'] : [401, 'Unable to authenticate']) satisfies DocumentedAnswer
}

function exchange({ hashes }: FacilityRecords, { eaa_hash: hash }: Readonly<Record<string, unknown>>) {
  if (typeof hash !== 'string') return BAD_ARGUMENTS
  const name = hashes.get(hash)
  return (name === undefined ? [404, { msg: 'unknown' }] : [200, { login: name }]) satisfies DocumentedAnswer
}

function isStaff({ accounts }: FacilityRecords, { login: name }: Readonly<Record<string, unknown>>) {
  if (typeof name !== 'string') return BAD_ARGUMENTS
  const account = accounts.get(name)
  return (
    account === undefined ? [404, { msg: 'unknown' }] : [200, { result: account.isAuthorized }]
  ) satisfies DocumentedAnswer
}

function experiments({ accounts }: FacilityRecords, name: string, url: URL, query: URLSearchParams): DocumentedAnswer {
  const account = accounts.get(name)
  if (account === undefined) return [404, { detail: 'Not found.' }]
  const size = Number(query.get('page_size') ?? 7)
  const page = Number(query.get('page') ?? 1)
  const found = sorted(
    account.experiments.filter((experiment) => covers(experiment, query.get('search') ?? '')),
    query.get('ordering') ?? 'proposal_id',
  )
  const pages = Math.max(1, Math.ceil(found.length / size))
  if (!(page >= 1 && page <= pages)) return [404, { detail: 'Invalid page.' }]
  const link = (to: number): string | null => {
    if (to < 1 || to > pages) return null
    const other = new URL(url)
    other.searchParams.set('page', String(to))
    return other.href
  }
  const results = found.slice((page - 1) * size, page * size)
  return [200, { count: found.length, next: link(page + 1), previous: link(page - 1), results }]
}

const covers = ({ subject, body, beam_line: beamLine, proposal_id: id }: FacilityExperiment, search: string): boolean =>
  [subject, body, beamLine, id].some((text) => String(text).toLowerCase().includes(search.toLowerCase()))

function sorted(found: readonly FacilityExperiment[], ordering: string): readonly FacilityExperiment[] {
  const field = ordering.replace(/^-/, '') as keyof FacilityExperiment
  const up = found.toSorted((a, b) => String(a[field]).localeCompare(String(b[field])))
  return ordering.startsWith('-') ? up.toReversed() : up
}
