// `/func/` and `/pipeline/` on the front door: each request along the way that its row says. Who is needed is decided
// here, row by row; everything else has been checked before, as of any mount.

import type { ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { crossSiteErrors, json, type Mount, type RequestContext } from '#http'
import type { Lane } from '#proxy'
import type { BackendAiConfig } from '../config.ts'
import { createErrorAnswer } from '../problems.ts'
import type { Profile } from '../profile.ts'
import type { BodyReader } from '../read-body.ts'
import { MOUNT_IDS, type Services } from '../services.ts'
import { PROGRAM_HEADER, readSessionName } from '../session-name.ts'
import type { SessionOf } from '../session-of.ts'
import { funcErrors } from './errors.ts'
import { createAnySiteTest, createTreatmentFinder } from './find-treatment.ts'
import {
  createGraphqlLanes,
  createManagerLanes,
  createPipelineLanes,
  FUNC_PREFIX,
  type LanesConfig,
  PIPELINE_PREFIX,
} from './lanes.ts'
import { funcRows, pipelineRows } from './route-table.ts'
import { withDomain } from './signup.ts'

export interface FuncDeps {
  readonly config: LanesConfig & Pick<BackendAiConfig, 'graphqlRouter' | 'pipeline' | 'rates'>
  readonly profile: Profile
  readonly services: Services
  readonly sessionOf: SessionOf
  readonly bodies: BodyReader
}

export function createFuncMounts(deps: FuncDeps): readonly Mount[] {
  const { pipeline } = deps.services
  return [createFuncMount(deps), ...(pipeline === undefined ? [] : [createPipelineMount(deps, pipeline)])]
}

function createFuncMount(deps: FuncDeps): Mount {
  const { config, profile, services, bodies } = deps
  const { isKnown, requireKnown, forward } = createCourtesies(deps)
  const treatmentOf = createTreatmentFinder(FUNC_PREFIX, funcRows(profile))
  const manager = createManagerLanes(services.manager, config)
  const graphql = createGraphqlLanes(services, config)
  const isGraphqlOpen = profile.anonymousGraphql && services.graphqlRouter !== undefined

  const signUp = async (ctx: RequestContext, response: ServerResponse): Promise<void> => {
    if (!config.login.signup) throw funcErrors.signupClosed({})
    const body = withDomain(await bodies.read(ctx, response), config.manager.domain)
    return manager.anonymous.forward(ctx, response, { body, contentType: 'application/json' })
  }

  return Object.freeze<Mount>({
    ...mountFacts(deps, MOUNT_IDS.manager, FUNC_PREFIX, [config.manager, config.graphqlRouter]),
    isFromAnySite: createAnySiteTest(FUNC_PREFIX, funcRows(profile)),
    async serve(ctx, response) {
      switch (treatmentOf(ctx)) {
        case 'ping':
          return json({ version: profile.version, details: 'Success' })
        case 'signup':
          return signUp(ctx, response)
        case 'uncounted':
          throw funcErrors.uncounted({})
        // What its plugins are sent is theirs to read, hidden or not (§5.4).
        case 'plugin':
          return manager.anonymous.forward(ctx, response)
        case 'anonymous':
          return forward(manager.anonymous, ctx, response)
        case 'signedIfKnown':
          if (await isKnown(ctx, response)) return forward(manager.signed, ctx, response)
          return manager.anonymous.forward(ctx, response)
        case 'signed':
          await requireKnown(ctx, response)
          return forward(manager.signed, ctx, response)
        case 'webSocket':
          await requireKnown(ctx, response)
          throw funcErrors.webSocketOnly({})
        case 'graphql':
          refuseFromElsewhere(ctx)
          if (isGraphqlOpen && !(await isKnown(ctx, response))) return forward(graphql.anonymous, ctx, response)
          await requireKnown(ctx, response)
          return forward(graphql.signed, ctx, response)
      }
    },
    async upgrade(ctx, socket, head) {
      switch (treatmentOf(ctx)) {
        case 'ping':
        case 'signup':
        case 'plugin':
        case 'signedIfKnown':
          throw funcErrors.noWebSocket({})
        case 'uncounted':
          throw funcErrors.uncounted({})
        case 'anonymous':
          return manager.anonymous.open(ctx, socket, head)
        case 'signed':
        case 'webSocket':
          await requireKnown(ctx, socket)
          return manager.signed.open(ctx, socket, head)
        case 'graphql':
          await requireKnown(ctx, socket)
          return graphql.signed.open(ctx, socket, head)
      }
    },
  })
}

/**
 * A query by GET may change something, and browsers add the cookie to a link from anywhere. What the step `crossSite` asks of
 * other methods is asked of it too.
 *
 * @throws crossSite.refused
 */
function refuseFromElsewhere({ method, request, responseHeaders }: RequestContext): void {
  const site = request.headers['sec-fetch-site']
  const isFromHere = site === undefined || site === 'same-origin' || site === 'none'
  // The step `cors` has said so of the origins that may.
  if (method === 'POST' || isFromHere || responseHeaders.has('access-control-allow-origin')) return
  throw crossSiteErrors.refused({ reason: 'another site asked for something that could change data' })
}

function createPipelineMount(deps: FuncDeps, pipeline: NonNullable<Services['pipeline']>): Mount {
  const { requireKnown, forward } = createCourtesies(deps)
  const treatmentOf = createTreatmentFinder(PIPELINE_PREFIX, pipelineRows)
  const { signed, anonymous } = createPipelineLanes(pipeline, deps.config)
  return Object.freeze<Mount>({
    ...mountFacts(deps, MOUNT_IDS.pipeline, PIPELINE_PREFIX, [deps.config.pipeline]),
    async serve(ctx, response) {
      switch (treatmentOf(ctx)) {
        case 'anonymous':
          return forward(anonymous, ctx, response)
        case 'signed':
          await requireKnown(ctx, response)
          return forward(signed, ctx, response)
        case 'webSocket':
          throw funcErrors.webSocketOnly({})
      }
    },
    async upgrade(ctx, socket, head) {
      // The only other row is of logins, which are posted.
      if (treatmentOf(ctx) === 'signed') throw funcErrors.noWebSocket({})
      return anonymous.open(ctx, socket, head)
    },
  })
}

/** What both mounts do alike. */
function createCourtesies({ config, sessionOf, bodies }: FuncDeps) {
  const { provider } = config.login
  /** Whether there is a keypair to sign with. */
  const isKnown = async (ctx: RequestContext, opened: ServerResponse | Duplex): Promise<boolean> =>
    (await sessionOf.find(ctx, opened))?.credentials[provider] !== undefined
  return {
    isKnown,
    /** @throws backendAi.unauthorized */
    async requireKnown(ctx: RequestContext, opened: ServerResponse | Duplex): Promise<void> {
      if (!(await isKnown(ctx, opened))) throw funcErrors.unauthorized({})
    },
    /** Streams the body on, unless it has to be read to be understood. */
    async forward(lane: Lane, ctx: RequestContext, response: ServerResponse): Promise<void> {
      if (!bodies.isEncoded(ctx)) return lane.forward(ctx, response)
      return lane.forward(ctx, response, { body: await bodies.read(ctx, response) })
    },
  }
}

type ServiceConfig = Pick<BackendAiConfig['manager'], 'webSockets'> | undefined

/** What the front door has to know. */
function mountFacts({ config, profile }: FuncDeps, id: string, prefix: string, services: readonly ServiceConfig[]) {
  return {
    id,
    prefix,
    // Without it, the address is a page of the Web UI.
    needsSlash: true,
    routeClass: 'proxied',
    authorize: () => ROW_DECIDES,
    sessionName: readSessionName,
    programHeader: PROGRAM_HEADER,
    errorAnswer: createErrorAnswer(profile),
    rates: config.rates,
    webSocketOrigins: services.flatMap((service) => service?.webSockets.origins ?? []),
  } as const
}

const ROW_DECIDES = Object.freeze({ allow: true, rule: 'each address of the webserver says who is needed' } as const)
