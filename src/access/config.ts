// The `access` part of the configuration.

import { z } from 'zod'
import { duration } from '#config'
import { isMailAddress } from '#mail'
import { personsSchema } from './allow.ts'

const signUpConfig = z
  .strictObject({
    approval: z
      .enum(['none', 'required'])
      .default('none')
      .describe(
        'Whether somebody who logs in for the first time waits until an administrator has approved the account. Whoever logged in before this was switched on stays in. Accounts made by `gatehouse user add` never wait.',
      ),
    providers: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('Ids of the login providers whose new people wait; those of all others do not. All if absent.')
      .meta({ examples: [['orcid']] }),
    autoApproveGroups: z
      .array(z.string().min(1))
      .default([])
      .describe(
        'Whoever has one of these groups from the provider is approved at the login, and so is everybody whom `access.admins` names.',
      )
      .meta({ examples: [['staff']] }),
    notify: z
      .array(z.string().refine(isMailAddress, { error: 'this is no mail address' }))
      .default([])
      .describe(
        'Who gets a mail when somebody waits, once a day for each person who does. All administrators of whom an address is known, if empty.',
      )
      .meta({ examples: [['user-office@example.org']] }),
  })
  .prefault({})
  .meta({ title: 'Sign-up', description: 'How new people come in.' })

export type SignUpConfig = z.output<typeof signUpConfig>

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
    signUp: signUpConfig,
    recentLogin: duration('1h', { min: '1m' }).describe(
      'How long ago a login may be for what others could use in one’s name: making tokens, changing accounts.',
    ),
  })
  .prefault({})
  .meta({
    title: 'Access',
    description: 'Who administers Gatehouse. What people may reach is said at each upstream and site.',
  })
