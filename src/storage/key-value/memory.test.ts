import { createManualClock } from '../../../test/support/manual-clock.ts'
import { keyValueContract } from '../key-value.contract.ts'
import { createMemoryKeyValue } from './memory.ts'

keyValueContract('memory', async () => {
  const clock = createManualClock()
  const store = createMemoryKeyValue({ clock })
  return { nodes: [store, store], passTime: async (ms) => clock.advance(ms), close: store.stop }
})
