// The ways to the Manager and its neighbours: what each is told of who asks. Made of the services that the whole feature
// shares.

import type { Lane, LaneOptions, Service } from '#proxy'
import type { BackendAiConfig } from '../config.ts'
import type { Services } from '../services.ts'
import { SESSION_COOKIE, SESSION_HEADER } from '../session-name.ts'

export const FUNC_PREFIX = '/func/'
export const PIPELINE_PREFIX = '/pipeline/'

/** To one service: in the name of the person, or with nothing of ours to prove who asks. */
export interface Lanes {
  readonly signed: Lane
  readonly anonymous: Lane
}

export type LanesConfig = Pick<BackendAiConfig, 'graphql' | 'login' | 'manager' | 'tokenLifetime'>

export function createManagerLanes(service: Service, config: LanesConfig): Lanes {
  return createLanes(service, config, { prefix: FUNC_PREFIX, mode: 'hmac' })
}

/** Of GraphQL, wherever it goes. */
export function createGraphqlLanes({ graphqlRouter, manager }: Services, config: LanesConfig): Lanes {
  const mode = config.graphql ?? (graphqlRouter === undefined ? 'hmac' : 'both')
  return createLanes(graphqlRouter ?? manager, config, { prefix: FUNC_PREFIX, mode })
}

/** §5.2: the pipeline service calls back in the name of the session, and so it is told its name where somebody logs in. */
export function createPipelineLanes(service: Service, config: LanesConfig): Lanes {
  const how = { prefix: PIPELINE_PREFIX, mode: 'hmac' } as const
  return createLanes(service, config, how, [SESSION_HEADER.toLowerCase()])
}

function createLanes(
  service: Service,
  { login, manager, tokenLifetime }: LanesConfig,
  { prefix, mode }: { readonly prefix: string; readonly mode: 'hmac' | 'jwt' | 'both' },
  toldWhenSigned: readonly string[] = [],
): Lanes {
  const common = {
    prefix,
    droppedCookies: [SESSION_COOKIE],
    // §5.1: clients that end the address of the webserver with a slash get two.
    cutsSlashes: true,
    // §5.3: a plugin's redirect leads back to the Web UI.
    keepsLocations: true,
  }
  const sign = {
    type: 'backend-ai',
    credential: login.provider,
    domain: manager.domain,
    apiVersion: API_VERSION,
    tokenLifetime,
  } as const
  const createLane = (options: Pick<LaneOptions, 'forwardAuthorization' | 'forwardedHeaders' | 'sign'>): Lane =>
    Object.freeze({
      forward: service.lane({ ...common, ...options }).forward,
      open: service.lane({ ...common, sign: options.sign, forwardedHeaders: SOCKET_HEADERS }).open,
    })
  return Object.freeze({
    signed: createLane({ sign: { ...sign, mode }, forwardedHeaders: [...REQUEST_HEADERS, ...toldWhenSigned] }),
    anonymous: createLane({
      sign: { ...sign, mode: 'anonymous' },
      forwardAuthorization: true,
      forwardedHeaders: REQUEST_HEADERS,
    }),
  })
}

/** §3: where the client names none. */
const API_VERSION = 'v9.20250722'

/**
 * What of a client's headers goes on; no other does (§5.2). Beside what the webserver forwarded: what resumable uploads
 * (tus), parts of files and event streams need to work.
 */
const REQUEST_HEADERS = words(`
  accept accept-encoding accept-language authorization content-encoding content-type cookie user-agent
  if-match if-modified-since if-none-match if-range if-unmodified-since last-event-id range
  tus-resumable upload-checksum upload-concat upload-defer-length upload-length upload-metadata upload-offset
`)

/** The same for WebSockets (§5.6). */
const SOCKET_HEADERS = words(`
  sec-websocket-extensions sec-websocket-key sec-websocket-protocol sec-websocket-version user-agent
`)

function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
