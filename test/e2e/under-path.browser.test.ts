import { storeOfThisRun } from '../support/test-stores.ts'
import { startUnderPath } from './door.ts'
import { describeWalk } from './walk.ts'

// The kind of store has no part in it.
if (storeOfThisRun() === 'embedded') {
  await describeWalk('under a path that the proxy passes on, in a browser', () => startUnderPath(true))
  await describeWalk('under a path that the proxy takes off, in a browser', () => startUnderPath(false))
}
