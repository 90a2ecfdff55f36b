// The `hubs` part of the configuration: GitLab servers that people work at through the gateway, each with their own account
// there. Without the section nothing of it is there.

import { z } from 'zod'
import { allowSchema } from '#access'
import { httpUrl } from '#config'
import { checkService, serviceShape, timeoutsSchema } from '#proxy'

const hubSchema = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9_-]{0,30}[a-z0-9])?$/, {
        error: 'an id is 1 to 32 lower-case letters, digits, hyphens and underscores',
      })
      .describe('Names the hub: its API is at `/hubs/ID/api/v4/`, and old clients call it `datahub`.')
      .meta({ examples: ['freiburg'] }),
    provider: z
      .string()
      .min(1)
      .describe('The entry of `identity` by which people log in at this GitLab, or connect their account there.')
      .meta({ examples: ['freiburg'] }),
    ...serviceShape,
    // Storing what was uploaded comes before the answer.
    timeouts: timeoutsSchema('5m'),
    url: httpUrl()
      .optional()
      .describe(
        'The address that GitLab gives in its links (`external_url`). The first address of `to`, unless given: give it where `to` is another way to the same server.',
      )
      .meta({ examples: ['https://git.example.org'] }),
    allow: allowSchema
      .default(['authenticated'])
      .describe('Who may use the hub here. What they may do there GitLab decides, by their own account.'),
  })
  .superRefine(checkService)
  .meta({ title: 'Hub' })

export type HubConfig = z.output<typeof hubSchema>

export const hubsConfig = z
  .strictObject({
    hubs: z
      .array(hubSchema)
      .min(1)
      .max(32)
      .superRefine((hubs, check) => {
        for (const key of ['id', 'provider'] as const) {
          for (const [index, hub] of hubs.entries()) {
            if (!hubs.slice(0, index).some((other) => other[key] === hub[key])) continue
            const message = `another hub has the ${key} ${hub[key]} already`
            check.addIssue({ code: 'custom', path: [index, key], message })
          }
        }
      })
      .describe('The GitLab servers.'),
    app: z
      .union([
        httpUrl(),
        z
          .string()
          .regex(/^\/(?!\/)[\x21-\x5b\x5d-\x7e]*$/, { error: 'a path starts with one "/", or it is a whole URL' }),
      ])
      .optional()
      .describe(
        'Where a login at the addresses of the ARCmanager backend ends: its web app, as a URL, or as a path below the base path. Given: `/api/v1/auth/login`, `callback`, `refresh` and `logout` are there. Absent: they are not.',
      )
      .meta({ examples: ['/app/index.html'] }),
  })
  .optional()
  .meta({ title: 'Hubs' })
  .describe('GitLab servers (DataHUBs) that people work at through the gateway, each with their own account there.')

export type HubsConfig = NonNullable<z.output<typeof hubsConfig>>
