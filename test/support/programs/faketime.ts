// libfaketime: a program that is started with it believes what a file says about the wall clock, and can be told another
// time while it runs. Monotonic clocks and the times of files stay true, as when an administrator sets the clock.

import { globSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing, missing } from './missing.ts'
import { makeDirectory } from './run-program.ts'

export interface FakeTime {
  /** For the program that is to believe it. */
  readonly env: Readonly<Record<string, string>>
  /** @param text as faketime(1) has it: `+300` is five minutes ahead, `+0 x1.1` is a tenth too fast from now on */
  set(text: string): void
}

export async function createFakeTime(): Promise<FakeTime | Missing> {
  const program = await findProgram({ names: ['faketime'], package: 'faketime' })
  if (isMissing(program)) return program
  const [library] = globSync('/usr/{lib,lib/*,local/lib}/faketime/libfaketimeMT.so.1')
  if (library === undefined) return missing('libfaketimeMT.so.1 is not where faketime is')
  const file = join(makeDirectory('faketime'), 'time')
  const set = (text: string): void => writeFileSync(file, `${text}\n`)
  set('+0')
  return {
    env: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NO_FAKE_STAT: '1',
    },
    set,
  }
}
