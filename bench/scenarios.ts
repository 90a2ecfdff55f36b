// What is measured. Each scenario starts what it needs, measures, stops it, and says what it found and what was wanted.

import { compareBackendAi } from './scenarios/backend-ai.ts'
import { compareBodies, compareUploads } from './scenarios/large.ts'
import { compareProcesses } from './scenarios/processes.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { compareStoredSessions } from './scenarios/sessions.ts'
import { compareSmall } from './scenarios/small.ts'
import { measureStart } from './scenarios/start.ts'
import { compareVerify } from './scenarios/verify.ts'

export const scenarios: Readonly<Record<string, Scenario>> = {
  small: compareSmall,
  body: compareBodies,
  upload: compareUploads,
  verify: compareVerify,
  'backend-ai': compareBackendAi,
  sessions: compareStoredSessions,
  processes: compareProcesses,
  start: measureStart,
}
