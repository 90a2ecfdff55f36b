// What a start leaves behind is given back: seen in V8's own accounts.

import assert from 'node:assert/strict'
import { afterEach, test } from 'node:test'
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { giveBackStartupMemory } from './startup-memory.ts'

const MIB = 1024 * 1024

/** What V8 keeps for objects that do not live long. */
const youngBytes = (): number =>
  getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.physical_space_size ?? 0

/** As a start does: many objects that stay. */
function makeObjectsThatStay(): readonly object[] {
  const staying: object[] = []
  while (youngBytes() < 8 * MIB) for (let count = 0; count < 10_000; count++) staying.push({ count })
  return staying
}

afterEach(() => {
  globalThis.gc = undefined
})

test('a second after the start V8 keeps no more than it needs', () => {
  setFlagsFromString('--expose-gc')
  globalThis.gc = runInNewContext('gc') as NodeJS.GCFunction
  const staying = makeObjectsThatStay()
  const clock = createManualClock()
  giveBackStartupMemory(clock)
  assert.ok(youngBytes() >= 8 * MIB, 'who waited for the start is answered first')
  clock.advance(1_000)
  assert.ok(youngBytes() < 2 * MIB, `${youngBytes() / MIB} MiB`)
  assert.ok(staying.length > 0)
})

test('without the collector at hand nothing happens', () => {
  const clock = createManualClock()
  giveBackStartupMemory(clock)
  clock.advance(1_000)
})
