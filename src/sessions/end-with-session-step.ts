// The step `endWithSession`, the last one: what a request opens from here on ends when its session does.

import type { Step } from '#http'
import type { Sessions } from './sessions.ts'

export const createEndWithSessionStep =
  ({ current, openRequests }: Pick<Sessions, 'current' | 'openRequests'>): Step =>
  (ctx) => {
    if (current.get(ctx) !== undefined) openRequests.begin(ctx)
  }
