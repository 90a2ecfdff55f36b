// What ships, listed by hand. The composed configuration schema and the check that every module's needs are met by
// the others come from this list.

import type { z } from 'zod'
import { accessModule } from '#access'
import { accountModule } from '#account'
import { backendAiModule } from '#backend-ai'
import { composeSchema } from '#config'
import { etcdModule } from '#etcd'
import { type AppHosts, type PublicUrl, serverConfig } from '#http'
import { hubsModule } from '#hubs'
import { identityModule } from '#identity'
import type { Clock } from '#kernel'
import { mailModule } from '#mail'
import { portalModule } from '#portal'
import { proxyModule } from '#proxy'
import { sessionsModule } from '#sessions'
import { siteModule } from '#site'
import { storageModule } from '#storage'
import { type Telemetry, telemetryConfig } from '#telemetry'
import { tokensModule } from '#tokens'
import { verifyModule } from '#verify'
import { findDisagreements } from './config-agreement.ts'

export const modules = [
  storageModule,
  mailModule,
  etcdModule,
  sessionsModule,
  accessModule,
  tokensModule,
  identityModule,
  proxyModule,
  siteModule,
  verifyModule,
  backendAiModule,
  accountModule,
  hubsModule,
  portalModule,
] as const

/** Live as long as the process, and so do their sections of the configuration; all others are made anew at a reload. */
export const lastingModules: ReadonlySet<string> = new Set([storageModule.id, etcdModule.id, sessionsModule.id])

const AT_RESTART = { 'x-restart': 'always' } as const

export const configSchema = composeSchema({
  server: serverConfig,
  telemetry: telemetryConfig.meta(AT_RESTART),
  storage: storageModule.config.meta(AT_RESTART),
  mail: mailModule.config,
  etcd: etcdModule.config.meta(AT_RESTART),
  sessions: sessionsModule.config.meta(AT_RESTART),
  identity: identityModule.config,
  access: accessModule.config,
  tokens: tokensModule.config,
  upstreams: proxyModule.config,
  sites: siteModule.config,
  verify: verifyModule.config,
  backendAi: backendAiModule.config,
  account: accountModule.config,
  hubs: hubsModule.config,
  portal: portalModule.config,
}).superRefine((config, check) => {
  for (const { path, why, fix } of findDisagreements(config)) {
    check.addIssue({ code: 'custom', path: [...path], message: why, params: { fix } })
  }
})

export type GatewayConfig = z.output<typeof configSchema>

/** What `gateway.ts` gives to every module beside the modules it requires. */
export interface BaseDeps {
  readonly clock: Clock
  readonly telemetry: Pick<Telemetry, 'log' | 'metrics' | 'readMetrics'>
  readonly publicUrl: PublicUrl
  readonly hosts: AppHosts
  /** Cookies without Secure, for http away from loopback (`server.dangerouslyPlainCookie`). */
  readonly plainCookie: boolean
  /** What logins may cost (`server.limits.logins`). */
  readonly loginLimits: GatewayConfig['server']['limits']['logins']
}

type Listed = (typeof modules)[number]
type DepsOf<M> = M extends { readonly create: (deps: infer Deps, config: never) => unknown } ? Deps : never
type ApiOf<M> = M extends { readonly create: (...args: never) => { readonly api: infer Api } } ? Api : never

/** The public faces of all modules, by id. */
export type Apis = { readonly [M in Listed as M['id']]: ApiOf<M> }

/** Ids of modules whose dependencies nobody provides: must be none. */
type Unwired = { [M in Listed as M['id']]: BaseDeps & Apis extends DepsOf<M> ? never : M['id'] }[Listed['id']]
const unwired: [Unwired] extends [never] ? 'none' : Unwired = 'none'
void unwired
