// The configuration of a facility's login by REST.

import { z } from 'zod'
import { httpUrl } from '#config'
import { groupsPrefix, providerId, providerLabel } from '../common-config.ts'
import { isSafeUrl } from '../safe-url.ts'
import { facilityBasic, USERNAME } from './settings.ts'

const scalar = z.union([z.string(), z.number(), z.boolean()])

const successAnswer = z
  .union(
    [
      z.string().min(1),
      z
        .record(z.string(), scalar)
        .refine((fields) => Object.keys(fields).length > 0, { error: 'an empty object says nothing' })
        .refine((fields) => Object.values(fields).filter((value) => value === USERNAME).length <= 1, {
          error: `${USERNAME} stands once`,
        }),
    ],
    { error: 'a success is text, or an object of text, numbers and booleans' },
  )
  .default('Login OK')
  .describe(
    'The JSON that the facility answers with (status 200) when the password is right; every other answer is none. ' +
      'In an object, `$USERNAME` stands for the name of the person, which is then taken from there. ' +
      'Without it the person is the name that was asked about.',
  )
  .meta({ examples: [{ login: USERNAME }] })

export const facilityConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('facility').describe('The facility’s own login, asked by REST: its user office, its LDAP front …'),
    label: providerLabel,
    login: httpUrl()
      .describe('Takes `{"username", "password"}` as JSON by POST and says whether they are right.')
      .meta({ examples: ['https://office.example.org/login/'] }),
    success: successAnswer,
    usernames: z
      .enum(['lower-case', 'as-typed'])
      .default('lower-case')
      .describe(
        'How names are sent. `as-typed` only where `Ada` and `ada` are two people there: ' +
          'elsewhere one person would become several here.',
      ),
    isAuthorized: z
      .strictObject({
        url: httpUrl()
          .describe('Takes `{"login"}` as JSON by POST and answers `{"result": true}` or `{"result": false}`.')
          .meta({ examples: ['https://office.example.org/is_authorized/'] }),
        basic: facilityBasic.optional(),
        group: z
          .string()
          .min(1)
          .max(128)
          .optional()
          .describe('Whom the facility authorizes gets this group. Without it, nobody else is let in at all.')
          .meta({ examples: ['staff'] }),
      })
      .optional()
      .describe('Ask the facility, after the password, whether the person may.'),
    groupsPrefix,
    dangerouslyAllowHttp: z
      .boolean()
      .default(false)
      .describe('Speak http to a facility that is not on this machine: passwords can then be read on the way.'),
  })
  .refine((config) => config.dangerouslyAllowHttp || isSafeUrl(config.login), {
    path: ['login'],
    error: 'an http login is allowed on this machine only: use https, or set dangerouslyAllowHttp',
  })
  .refine(
    ({ isAuthorized, dangerouslyAllowHttp }) =>
      isAuthorized === undefined || dangerouslyAllowHttp || isSafeUrl(isAuthorized.url),
    {
      path: ['isAuthorized', 'url'],
      error: 'http is allowed on this machine only: use https, or set dangerouslyAllowHttp',
    },
  )
  .meta({ title: 'Facility login by REST' })

export type FacilityConfig = z.infer<typeof facilityConfig>
