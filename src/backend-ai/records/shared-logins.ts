// Logins that the Manager names and keeps records of (§2.6): how a session here stands for one, and both end together.

import type { SessionRow, Sessions } from '#sessions'
import type { Logger } from '#telemetry'
import type { ManagerLogin } from '../server/authorization.ts'
import type { Manager } from '../server/manager.ts'
import { type Adopt, type AdoptDeps, createAdopt } from './adopt.ts'
import { createLiveness, type Liveness } from './liveness.ts'
import { createNamesInUse } from './names-in-use.ts'
import type { LoginRecords } from './records.ts'

export interface SharedLogins extends Pick<Liveness, 'isLive' | 'hold'> {
  readonly adopt: Adopt
  /** Whether there is a record of this login. @throws storage.unavailable */
  isWritten(name: string): Promise<boolean>
  /**
   * Of a session that has begun under the Manager's name for it.
   *
   * @param how whether the record was there when the login began
   * @returns false if it was, and is gone: the Manager has ended the login meanwhile
   * @throws storage.unavailable
   */
  settle(name: string, login: ManagerLogin, row: SessionRow, how: { readonly wasWritten: boolean }): Promise<boolean>
  readonly setEnd: LoginRecords['setEnd']
  /** The login is over here: its record goes, and the Manager is told. Failures are only logged. */
  over(name: string): Promise<void>
  /** From now on both sides' ends are looked out for. */
  start(): void
  stop(): void
}

export interface SharedLoginsDeps
  extends Omit<AdoptDeps, 'records' | 'sessions' | 'findUser' | 'endSession' | 'onOver'> {
  readonly records: LoginRecords
  readonly sessions: AdoptDeps['sessions'] & Pick<Sessions, 'endByRef' | 'onEnd'>
  readonly manager: Pick<Manager, 'findUser' | 'logOut'>
  readonly log: Logger
}

/** Two of them notice within a second that the Manager has ended what is open here. */
const SWEEP_MS = 500

export function createSharedLogins(deps: SharedLoginsDeps): SharedLogins {
  const { clock, records, sessions, manager, log } = deps
  const names = createNamesInUse(clock)
  let stops: readonly (() => void)[] = []

  const attempt = async <Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> => {
    try {
      return await work()
    } catch (err) {
      log.warn({ event: 'login_end_untold', what, err }, 'a login has ended on one side, and perhaps not on the other')
      return undefined
    }
  }

  const tellManager = (name: string) => attempt('manager', () => manager.logOut(name))

  const over = async (name: string): Promise<void> => {
    await Promise.all([attempt('record', () => records.remove(name)), tellManager(name)])
  }

  /** However a session ended here; of the nodes that know it, the one that removes the record tells the Manager. */
  const onEnd = async (ref: string): Promise<void> => {
    const name = names.take(ref)
    if (name !== undefined && (await attempt('record', () => records.remove(name))) === true) await tellManager(name)
  }

  const endSession = ({ userId, ref }: SessionRow) => sessions.endByRef(userId, ref, 'provider-logout')

  const liveness = createLiveness({
    clock,
    records,
    end: (row) => attempt('session', () => endSession(row)),
  })

  const sweep = (): void => {
    names.sweep()
    void liveness.sweep()
  }

  return Object.freeze<SharedLogins>({
    isLive: liveness.isLive,
    hold(ctx, opened, name, row) {
      names.note(row.ref, name)
      liveness.hold(ctx, opened, name, row)
    },
    adopt: createAdopt({ ...deps, findUser: manager.findUser, endSession, onOver: over }),
    isWritten: async (name) => (await records.find(name)) !== undefined,
    async settle(name, login, { ref, idleEndsAt }, { wasWritten }) {
      names.note(ref, name)
      // To write what somebody has removed would begin an ended login again.
      if (!wasWritten && (await records.write(name, login, idleEndsAt))) return true
      return records.limitEnd(name, idleEndsAt)
    },
    setEnd: records.setEnd,
    over,
    start() {
      // No task: what is open may outlive the configuration that it began with.
      stops = [clock.every(SWEEP_MS, sweep), sessions.onEnd((ref) => void onEnd(ref))]
    },
    stop() {
      for (const stop of stops) stop()
      stops = []
    },
  })
}
