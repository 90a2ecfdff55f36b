import { startUnderPath } from '../e2e/door.ts'
import { describeWalk } from '../e2e/walk.ts'

await describeWalk('under a path that the proxy passes on, in a browser', () => startUnderPath(true))
await describeWalk('under a path that the proxy takes off, in a browser', () => startUnderPath(false))
