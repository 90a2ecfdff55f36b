// The machinery behind `src/pipeline.ts`: rows of checks, columns of route classes, compiled into one chain per class.

import type { Answer } from './answer.ts'
import type { RequestContext, RouteClass } from './context.ts'
import type { Step } from './part.ts'

export interface Row {
  readonly check: Step
  readonly columns: readonly RouteClass[]
}

/** Runs every check of a class in order; the first answer ends it. Stays synchronous while its checks do. */
export type Chain = (ctx: RequestContext) => Answer | undefined | Promise<Answer | undefined>

export type Pipeline = Readonly<Record<RouteClass, Chain>>

/** One row of the matrix. */
export const step = (check: Step, ...columns: readonly RouteClass[]): Row => ({ check, columns })

export function compilePipeline(rows: readonly Row[]): Pipeline {
  const chainOf = (column: RouteClass): Chain =>
    createChain(rows.filter((row) => row.columns.includes(column)).map((row) => row.check))
  return Object.freeze({
    page: chainOf('page'),
    auth: chainOf('auth'),
    api: chainOf('api'),
    proxied: chainOf('proxied'),
    socket: chainOf('socket'),
    callback: chainOf('callback'),
    verify: chainOf('verify'),
    public: chainOf('public'),
  })
}

function createChain(checks: readonly Step[]): Chain {
  const runFrom = (ctx: RequestContext, start: number): Answer | undefined | Promise<Answer | undefined> => {
    for (let index = start; index < checks.length; index++) {
      const outcome = (checks[index] as Step)(ctx)
      if (outcome instanceof Promise) return outcome.then((answer) => answer ?? runFrom(ctx, index + 1))
      if (outcome !== undefined) return outcome
    }
    return undefined
  }
  return (ctx) => runFrom(ctx, 0)
}
