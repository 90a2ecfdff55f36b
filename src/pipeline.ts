// Every check of every request, on one screen: rows are steps, each one check; columns are classes of route.
// HTTP and WebSocket upgrades run the same rows. An error in any step is a refusal.

import { compilePipeline, type Pipeline, type Step, step } from '#http'

export interface Steps {
  readonly requestId: Step
  readonly trustedProxy: Step
  readonly addressLimit: Step
  readonly canonicalTarget: Step
  readonly cors: Step
  readonly loadSession: Step
  readonly bearerToken: Step
  readonly crossSite: Step
  readonly renewLogin: Step
  readonly requireIdentity: Step
  readonly policy: Step
  readonly userLimit: Step
  readonly endWithSession: Step
}

const PAGE = 'page'
const AUTH = 'auth'
const API = 'api'
const PROXIED = 'proxied'
const SOCKET = 'socket'
const CALLBACK = 'callback'
const VERIFY = 'verify'
const PUBLIC = 'public'

// biome-ignore format: the columns line up
export const createPipeline = (steps: Steps): Pipeline => compilePipeline([
  //                          page  auth  api  proxied  socket  callback  verify  public
  step(steps.requestId,       PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK, VERIFY, PUBLIC),
  step(steps.trustedProxy,    PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK, VERIFY, PUBLIC),
  step(steps.addressLimit,    PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK, VERIFY, PUBLIC),
  step(steps.canonicalTarget, PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK, VERIFY, PUBLIC),
  step(steps.cors,                        API, PROXIED,                           PUBLIC),
  step(steps.loadSession,     PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK, VERIFY        ),
  step(steps.bearerToken,                 API, PROXIED, SOCKET,           VERIFY        ),
  step(steps.crossSite,       PAGE, AUTH, API, PROXIED, SOCKET                          ),
  step(steps.renewLogin,      PAGE,       API, PROXIED, SOCKET,           VERIFY        ),
  step(steps.requireIdentity, PAGE, AUTH, API, PROXIED, SOCKET                          ),
  // What a proxy in front asks about is another request: `verify` checks and decides that one itself.
  step(steps.policy,          PAGE, AUTH, API, PROXIED, SOCKET, CALLBACK,         PUBLIC),
  step(steps.userLimit,       PAGE,       API, PROXIED, SOCKET                          ),
  step(steps.endWithSession,                   PROXIED                                  ),
])
