// What a pool does around lending a connection, whatever the server: nobody asks a server that is known to be silent,
// and everybody waits for a slot of their own, which is given back when the connection is, or when there came none.

import type { ConnectionSlots } from './connection-slots.ts'
import type { Silence } from './silence.ts'

export interface Turns {
  readonly slots: ConnectionSlots
  readonly silence: Silence
}

/** @param lend gets what to call when the connection is given back; calling that again does nothing. */
export async function lendInTurn<Lent>(
  { slots, silence }: Turns,
  lend: (done: () => void) => Promise<Lent>,
): Promise<Lent> {
  const leave = silence.enter()
  const give = await slots.take().catch((error: unknown) => {
    leave()
    throw error
  })
  const done = (): void => {
    give()
    leave()
  }
  try {
    return await lend(done)
  } catch (error) {
    done()
    throw error
  }
}
