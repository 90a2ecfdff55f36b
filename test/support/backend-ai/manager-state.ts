// What the routes of one Manager stand-in share.

import type { Clock } from '#kernel'
import type { AccountBook } from './accounts.ts'
import type { SharedRecords } from './login-records.ts'

/** The profiles in which the protocol differs: the first is 26.2.5, the last the state after 26.8. */
export type ManagerVersion = '26.2' | '26.4' | '26.8'

export interface ManagerState {
  readonly version: ManagerVersion
  readonly domain: string
  readonly clock: Clock
  readonly accounts: AccountBook
  readonly records: SharedRecords | undefined
}
