// The `portal` part of the configuration: what the pages say beside their own words.

import { z } from 'zod'
import { httpUrl } from '#config'

const instant = z.iso
  .datetime({ offset: true, error: 'a moment is written like 2026-12-01T06:00:00Z, or with an offset: …+01:00' })
  .transform((text) => Date.parse(text))

const notice = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, { error: 'an id is made of small letters, digits and hyphens' })
      .describe('Names it: who has put the notice away does not see it again until it has another id.')
      .meta({ examples: ['winter-maintenance'] }),
    level: z
      .enum(['info', 'warning'])
      .default('info')
      .describe('`info` can be put away; `warning` stays until it ends.'),
    text: z
      .string()
      .min(1)
      .max(500)
      .describe('What it says: plain text.')
      .meta({
        examples: ['Storage is read-only on Tuesday, 1 December, 06:00 to 08:00 UTC.'],
      }),
    from: instant.optional().describe('Shown from then on. Default: at once.'),
    until: instant.optional().describe('Shown until then. Default: until it is taken out here.'),
  })
  .refine(({ from, until }) => from === undefined || until === undefined || from < until, {
    error: 'it ends before it begins',
    path: ['until'],
  })

export const portalConfig = z
  .strictObject({
    notices: z
      .array(notice)
      .default([])
      .describe('What everybody who is logged in reads at the top of every page of the portal.'),
    support: z
      .strictObject({
        text: z
          .string()
          .min(1)
          .max(200)
          .describe('Whom to ask, in a sentence.')
          .meta({
            examples: ['Ask the user office: office@example.org, telephone 1234.'],
          }),
        url: httpUrl().optional().describe('Where that is: a page of the help desk.'),
      })
      .optional()
      .describe('Whom people can ask. Shown on the page `/help`, which every page links to in the same place.'),
  })
  .prefault({})
  .meta({ title: 'Portal' })

export type PortalConfig = z.output<typeof portalConfig>
