// The step `endWithSession`, the last one: what a request opens from here on ends when its session does, or the token
// that it came with.

import type { Step } from '#http'
import type { Sessions } from './sessions.ts'

export const createEndWithSessionStep =
  ({ holder, openRequests }: Pick<Sessions, 'holder' | 'openRequests'>): Step =>
  (ctx) => {
    if (holder(ctx) !== undefined) openRequests.begin(ctx)
  }
