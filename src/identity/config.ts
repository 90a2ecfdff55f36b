// The `identity` part of the configuration: the ways to log in, in the order of the login page.

import { z } from 'zod'
import { driverConfigs } from './drivers.ts'

export const identityConfig = z
  .array(z.discriminatedUnion('type', driverConfigs))
  .max(32)
  .superRefine((providers, context) => {
    for (const [index, { id, type }] of providers.entries()) {
      const earlier = providers.slice(0, index)
      if (earlier.some((other) => other.id === id)) {
        context.addIssue({ code: 'custom', path: [index, 'id'], message: `another provider has the id ${id} already` })
      }
      if (type === 'local' && earlier.some((other) => other.type === 'local')) {
        context.addIssue({
          code: 'custom',
          path: [index, 'type'],
          message: 'there can be only one provider of type local',
        })
      }
    }
  })
  .default([])
  .meta({ title: 'Identity' })
  .describe('The ways to log in, in the order of the login page.')

export type IdentityConfig = z.infer<typeof identityConfig>
