// What the trial of a store says to an operator.

import type { StoreTrial } from '#storage'
import { bad, good, type Outcome } from './outcome.ts'

/** What a store is called, and where the configuration says where it is. */
export interface TriedStore {
  readonly name: string
  readonly place: string
}

const STORES: Readonly<Record<StoreTrial['store'], TriedStore>> = {
  sql: { name: 'the database', place: 'storage.sql' },
  keyValue: { name: 'the session store', place: 'storage.keyValue' },
}

export function describeTrial(trial: StoreTrial, { name, place }: TriedStore = STORES[trial.store]): Outcome {
  const { version, roundTripMs, fault } = trial
  if (fault !== undefined) {
    return bad(
      `${name} cannot be used: ${fault}`,
      `see that it runs, that this machine may reach it, and that address, user and password in ${place} are right`,
    )
  }
  const called = version === undefined ? '' : ` (${version})`
  return good(`${name}${called} answers; a write and a read took ${Math.ceil(roundTripMs ?? 0)} ms`)
}
