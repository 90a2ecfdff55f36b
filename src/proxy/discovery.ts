// Endpoints that are announced in etcd: each key under a prefix is one. Those of the configuration are always among them,
// and while etcd does not answer, those that were known last. What is written wrong is left out and logged.

import { parse } from 'yaml'
import type { Etcd, PrefixWatch } from '#etcd'
import type { Logger } from '#telemetry'
import type { EndpointPool } from './endpoint-pool.ts'
import { type EndpointConfig, endpointSchema } from './endpoints-config.ts'
import { isNoServiceAddress } from './service-address.ts'
import type { ServiceConfig } from './service-config.ts'
import { parseUpstreamUrl } from './upstream-url.ts'

export interface Discovery {
  /** Resolves when the endpoints are known. @throws if etcd does not answer and none is configured */
  start(): Promise<void>
  /** Says no more in the log, because another one does. What is withdrawn still has to go. */
  rest(): void
  stop(): void
}

export interface DiscoveryOptions {
  readonly upstream: string
  readonly config: Pick<ServiceConfig, 'to' | 'discover' | 'tls'>
  readonly pool: Pick<EndpointPool, 'setMembers' | 'endpoints'>
  readonly etcd: Etcd
  readonly log: Logger
}

/** Undefined where all endpoints are configured. */
export function createDiscovery({ upstream, config, pool, etcd, log }: DiscoveryOptions): Discovery | undefined {
  const { discover, to, tls } = config
  if (discover === undefined) return undefined
  const { prefix } = discover
  let watch: PrefixWatch | undefined
  let refusedBefore = ''
  let isResting = false

  const take = (entries: ReadonlyMap<string, string>): void => {
    const { members, refused } = readMembers(to, entries, { needsTls: tls !== undefined })
    const before = labelsOf(pool)
    pool.setMembers(members)
    if (isResting) return
    reportChanges(log, upstream, before, labelsOf(pool))
    // Not again with each change of another key.
    const told = JSON.stringify(refused)
    if (told !== refusedBefore) for (const each of refused.slice(0, MAX_TOLD)) reportRefusal(log, upstream, each)
    refusedBefore = told
  }

  return Object.freeze({
    async start() {
      watch = etcd.watch(prefix)
      await watch.tried
      watch.onChange(take)
      const { entries, failure } = watch
      if (entries !== undefined) return take(entries)
      if (to.length === 0) throw unknownEndpoints(upstream, prefix, failure)
      log.warn(
        { event: 'discovery_failed', upstream, prefix, reason: failure?.message },
        'what is announced in etcd is not known yet: only the configured endpoints are used',
      )
    },
    rest() {
      isResting = true
    },
    stop: () => watch?.stop(),
  })
}

export interface Refusal {
  readonly key: string
  readonly why: string
}

/** @returns the configured ones and those that are announced, each address once */
export function readMembers(
  configured: readonly EndpointConfig[],
  announced: ReadonlyMap<string, string>,
  { needsTls }: { readonly needsTls: boolean },
): { readonly members: readonly EndpointConfig[]; readonly refused: readonly Refusal[] } {
  const members = [...configured]
  const labels = new Set(configured.map(({ url }) => parseUpstreamUrl(url).label))
  const refused: Refusal[] = []
  for (const [key, text] of announced) {
    if (members.length >= MAX_ENDPOINTS || refused.length >= MAX_ENDPOINTS) {
      const why = `there are more than ${MAX_ENDPOINTS} endpoints: this one and those after it are left out`
      refused.push({ key, why })
      break
    }
    const member = readEndpoint(text)
    const why = typeof member === 'string' ? member : whyNotBeside(members, member, needsTls)
    if (why !== undefined) refused.push({ key, why })
    if (why !== undefined || typeof member === 'string') continue
    const { label } = parseUpstreamUrl(member.url)
    if (!labels.has(label)) members.push({ ...member, isAnnounced: true })
    labels.add(label)
  }
  return { members, refused }
}

/** Those that may announce themselves should not be able to keep us busy. */
const MAX_ENDPOINTS = 1000
const MAX_VALUE_CHARACTERS = 4096
/** In the log, of each kind, with one change. */
const MAX_TOLD = 20

/** @returns why it is none, as a clause */
function readEndpoint(text: string): EndpointConfig | string {
  if (text.length > MAX_VALUE_CHARACTERS) return `it is longer than ${MAX_VALUE_CHARACTERS} characters`
  let written: unknown
  try {
    written = parse(text, { schema: 'core', maxAliasCount: 0, logLevel: 'error' })
  } catch {
    return 'it is neither an address nor a map in YAML or JSON'
  }
  const read = endpointSchema.safeParse(written)
  if (read.success) return read.data
  const [issue] = read.error.issues
  const inner = issue?.code === 'invalid_union' ? issue.errors.flat().find(({ code }) => code === 'custom') : issue
  return inner?.message ?? 'it is neither an address nor a map with url and weight'
}

function whyNotBeside(members: readonly EndpointConfig[], { url }: EndpointConfig, needsTls: boolean) {
  if (url.startsWith('unix:')) return 'a socket of another machine cannot be reached'
  if (needsTls && !url.startsWith('https:')) return 'this upstream is reached by https:// only: it has tls'
  const { basePath, hostname } = parseUpstreamUrl(url)
  if (isNoServiceAddress(hostname)) return `no service is at an address such as ${hostname}`
  const [first] = members
  const common = first === undefined ? basePath : parseUpstreamUrl(first.url).basePath
  return basePath === common ? undefined : `its path is ${basePath}, and that of the others is ${common}`
}

const labelsOf = ({ endpoints }: Pick<EndpointPool, 'endpoints'>) => new Set(endpoints.map(({ url }) => url.label))

function reportChanges(log: Logger, upstream: string, before: ReadonlySet<string>, now: ReadonlySet<string>): void {
  for (const endpoint of [...now.difference(before)].slice(0, MAX_TOLD)) {
    log.info({ event: 'endpoint_added', upstream, endpoint }, 'an endpoint was announced and is used from now on')
  }
  for (const endpoint of [...before.difference(now)].slice(0, MAX_TOLD)) {
    log.info({ event: 'endpoint_removed', upstream, endpoint }, 'an endpoint was withdrawn and gets no more requests')
  }
  if (now.size === 0) log.warn({ event: 'endpoints_none', upstream }, 'no endpoint is known: requests get 503')
}

function reportRefusal(log: Logger, upstream: string, { key, why }: Refusal): void {
  log.warn({ event: 'endpoint_refused', upstream, key, why }, 'what a key in etcd says is no endpoint and is left out')
}

function unknownEndpoints(upstream: string, prefix: string, failure: Error | undefined): Error {
  const why = failure?.message ?? 'it was stopped'
  return new Error(
    `The endpoints of the upstream ${upstream} are not known: ${prefix} cannot be read (${why}). ` +
      'Start etcd, correct etcd.endpoints, or list endpoints in `to` as well, to start with those.',
    { cause: failure },
  )
}
