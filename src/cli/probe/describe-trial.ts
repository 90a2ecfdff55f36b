// What the trial of a store says to an operator.

import type { StoreTrial } from '#storage'
import { bad, good, type Outcome } from './outcome.ts'

const NAMES = { sql: 'the database', keyValue: 'the session store' } as const

export function describeTrial({ store, version, roundTripMs, fault }: StoreTrial): Outcome {
  if (fault !== undefined) {
    const place = store === 'sql' ? 'storage.sql' : 'storage.keyValue'
    return bad(
      `${NAMES[store]} cannot be used: ${fault}`,
      `see that it runs, that this machine may reach it, and that address, user and password in ${place} are right`,
    )
  }
  const called = version === undefined ? '' : ` (${version})`
  return good(`${NAMES[store]}${called} answers; a write and a read took ${Math.ceil(roundTripMs ?? 0)} ms`)
}
