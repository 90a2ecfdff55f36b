import { startTwoNodes } from './door.ts'
import { describeWalk } from './walk.ts'

await describeWalk('two nodes behind nginx, nothing sticky, in a browser', startTwoNodes)
