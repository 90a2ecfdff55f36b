import { startOneNode } from './door.ts'
import { describeWalk } from './walk.ts'

await describeWalk('one node, in a browser', startOneNode)
