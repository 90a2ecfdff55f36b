// The signer for services that need no proof, or that check the client's own Authorization.

import { z } from 'zod'
import type { Signer, SignerDriver } from '../signer.ts'

const config = z
  .strictObject({ type: z.literal('none').describe('Adds nothing.') })
  .meta({ title: 'none', description: 'The request goes out without any proof of who asks.' })

export const noneSigner: SignerDriver<typeof config> = {
  type: 'none',
  config,
  create: () => Object.freeze<Signer>({ owns: [], sign: () => [] }),
}
