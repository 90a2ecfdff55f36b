// The rows `addressLimit` and `userLimit`: how often an address and a person may ask, in all, at a class of routes, and
// at one upstream. Counted over all nodes by budgets that no request waits for. Runs for every request: what it needs
// is put together when the configuration is read.

import type { Rate } from '#config'
import type { Clock } from '#kernel'
import { type Budget, createBudget, type KeyValueStore } from '#storage'
import type { Metrics } from '#telemetry'
import { addressKey } from './address-key.ts'
import type { RequestContext, RouteClass } from './context.ts'
import { httpErrors } from './errors.ts'
import type { Step } from './part.ts'
import type { Mount } from './route.ts'

/** For all requests, and for those of a class beside. */
export type ClassRates = Readonly<Partial<Record<RouteClass | 'all', Rate | undefined>>>

export interface RateLimitOptions {
  readonly rates: { readonly address: ClassRates; readonly user: ClassRates }
  readonly mounts: readonly Mount[]
  readonly clock: Clock
  readonly keyValue: Pick<KeyValueStore, 'get' | 'increment'>
  readonly metrics: Metrics
}

export interface RateLimits {
  readonly addressLimit: Step
  readonly userLimit: Step
}

type Subject = 'address' | 'user'

export function createRateLimits({ rates, mounts, clock, keyValue, metrics }: RateLimitOptions): RateLimits {
  const refused = metrics.counter({
    name: 'requests_limited_total',
    help: 'Requests refused because an address or a person asked too often, by the limit.',
    labels: ['limit'],
  })

  const refuse = (ctx: RequestContext, subject: Subject, { name, rate }: Budget, waitMs: number): never => {
    refused.add({ limit: name })
    ctx.log.warn({ event: 'rate_limited', limit: name, address: ctx.client.address }, 'a rate limit was reached')
    throw httpErrors.tooManyRequests({ subject, name, rate, waitMs })
  }

  const takeFrom = (ctx: RequestContext, subject: Subject, budgets: readonly Budget[], key: string, first = 0) => {
    for (let index = first; index < budgets.length; index++) {
      const budget = budgets[index] as Budget
      const waitMs = budget.take(key)
      if (typeof waitMs !== 'number') return takeLater(ctx, subject, budgets, key, index, waitMs)
      if (waitMs > 0) refuse(ctx, subject, budget, waitMs)
    }
    return undefined
  }

  const takeLater = async (
    ctx: RequestContext,
    subject: Subject,
    budgets: readonly Budget[],
    key: string,
    index: number,
    taken: Promise<number>,
  ): Promise<undefined> => {
    const waitMs = await taken
    if (waitMs > 0) refuse(ctx, subject, budgets[index] as Budget, waitMs)
    await takeFrom(ctx, subject, budgets, key, index + 1)
  }

  const create = (name: string, rate: Rate | undefined): readonly Budget[] =>
    rate === undefined ? [] : [createBudget({ name, rate, clock, keyValue })]

  /** Finds the budgets that a request draws on: those of its class, and the mount's own. */
  const plan = (subject: Subject): ((ctx: RequestContext) => readonly Budget[]) => {
    const { all, ...classes } = rates[subject]
    const common = create(subject, all)
    const ofClass = mapClasses((name) => [...common, ...create(`${subject}-${name}`, classes[name])])
    const ofMount = new Map<Mount | undefined, ByClass>()
    for (const mount of mounts) {
      const own = create(`${mount.id}-${subject}`, mount.rates?.[subject])
      if (own.length > 0)
        ofMount.set(
          mount,
          mapClasses((name) => [...ofClass[name], ...own]),
        )
    }
    if (ofMount.size === 0) return (ctx) => ofClass[ctx.routeClass]
    return (ctx) => (ofMount.get(ctx.mount) ?? ofClass)[ctx.routeClass]
  }

  const ofAddress = plan('address')
  const ofUser = plan('user')

  return Object.freeze({
    addressLimit: (ctx: RequestContext) => takeFrom(ctx, 'address', ofAddress(ctx), addressKey(ctx.client.address)),
    userLimit: (ctx: RequestContext) =>
      ctx.userId === undefined ? undefined : takeFrom(ctx, 'user', ofUser(ctx), ctx.userId),
  })
}

type ByClass = Readonly<Record<RouteClass, readonly Budget[]>>

const mapClasses = (budgetsOf: (name: RouteClass) => readonly Budget[]): ByClass => ({
  page: budgetsOf('page'),
  auth: budgetsOf('auth'),
  api: budgetsOf('api'),
  proxied: budgetsOf('proxied'),
  socket: budgetsOf('socket'),
  callback: budgetsOf('callback'),
  verify: budgetsOf('verify'),
  public: budgetsOf('public'),
})
