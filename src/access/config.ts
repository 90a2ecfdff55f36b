// The `access` part of the configuration.

import { z } from 'zod'
import { personsSchema } from './allow.ts'

export const accessConfig = z
  .strictObject({
    admins: personsSchema
      .default([])
      .describe('Who may manage users: group:NAME or user:PROVIDER/SUBJECT. Nobody by default.'),
    contact: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('Whom to ask for access, in words; shown to people who are refused.')
      .meta({ examples: ['the user office, user-office@example.org'] }),
  })
  .prefault({})
  .meta({
    title: 'Access',
    description: 'Who administers Gatehouse. What people may reach is said at each upstream and site.',
  })
