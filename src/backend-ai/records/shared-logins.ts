// Logins that the Manager names and keeps records of (§2.6): how a session here stands for one, and both end together.

import type { RequestContext } from '#http'
import type { SessionRow, Sessions } from '#sessions'
import type { Logger } from '#telemetry'
import type { Manager } from '../server/manager.ts'
import { type Adopt, type AdoptDeps, createAdopt } from './adopt.ts'
import { createLiveness, type Liveness } from './liveness.ts'
import type { LoginRecords } from './records.ts'

export interface SharedLogins {
  readonly liveness: Liveness
  readonly adopt: Adopt
  readonly settle: LoginRecords['settle']
  readonly setEnd: LoginRecords['setEnd']
  /** The login is over here: its record goes, and the Manager is told. Failures are only logged. */
  over(ctx: RequestContext, name: string): Promise<void>
}

export interface SharedLoginsDeps extends Omit<AdoptDeps, 'records' | 'sessions' | 'findUsername' | 'onOver'> {
  readonly records: LoginRecords
  readonly sessions: AdoptDeps['sessions'] & Pick<Sessions, 'endByRef'>
  readonly manager: Pick<Manager, 'findUsername' | 'logOut'>
  readonly log: Logger
}

export function createSharedLogins(deps: SharedLoginsDeps): SharedLogins {
  const { clock, records, sessions, manager, log } = deps

  const attempt = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work()
    } catch (err) {
      log.warn({ event: 'manager_logout_failed', what, err }, 'a login has ended here, and perhaps not at the Manager')
    }
  }

  const over = async (ctx: RequestContext, name: string): Promise<void> => {
    liveness.forget(name)
    await Promise.all([
      attempt('record', () => records.remove(name)),
      attempt('manager', () => manager.logOut(ctx, name)),
    ])
  }

  const liveness = createLiveness({
    clock,
    records,
    end: ({ userId, ref }: SessionRow) => sessions.endByRef(userId, ref, 'provider-logout'),
  })

  return Object.freeze({
    liveness,
    adopt: createAdopt({ ...deps, findUsername: manager.findUsername, onOver: over }),
    settle: records.settle,
    setEnd: records.setEnd,
    over,
  })
}
