// What the portal's API answers, as schemas: nothing else leaves.

import { z } from 'zod'
import { LANGUAGES, THEMES } from '#http'

const language = z.enum(LANGUAGES)
const theme = z.enum(THEMES).describe('`system`: as the computer is set.')

export const preferencesSchema = z.object({
  theme,
  language: language.optional().describe('Absent: what the browser asks for.'),
})

export const shellSchema = z.object({
  person: z.object({
    id: z.string().describe('The same for as long as the account exists: whose page this is.'),
    displayName: z.string(),
    username: z.string(),
    email: z.string().optional(),
    provider: z.string().describe('Where they logged in, as the login page calls it.'),
    groups: z.array(z.string()),
    isAdmin: z.boolean(),
    isPending: z
      .boolean()
      .describe('Nobody has approved the account yet: there is no page for it but `/auth/pending`.'),
  }),
  pages: z.array(z.string()).describe('Names of the pages that the person may use, in the order of the navigation.'),
  notices: z.array(z.object({ id: z.string(), level: z.enum(['info', 'warning']), text: z.string() })),
  session: z.object({
    now: z.iso.datetime().describe("The server's clock, to count down from without trusting one's own."),
    idleEndsAt: z.iso.datetime(),
    endsAt: z.iso.datetime(),
  }),
  look: z.object({ theme, language }),
  languages: z.array(language),
  support: z.object({ text: z.string(), url: z.string().optional() }).optional(),
  contact: z.string().optional().describe('Whom to ask for access.'),
  version: z.string(),
})

export const appSchema = z.object({
  id: z.string(),
  title: z.string(),
  description: z.string().optional(),
  href: z.string().describe('A path, or a whole address where the service has a host of its own.'),
  mayOpen: z.boolean(),
  because: z.string().optional().describe('Why not, and who could.'),
  missingAccounts: z
    .array(z.object({ id: z.string(), label: z.string() }))
    .describe('Accounts that it needs and that are not connected: `POST /auth/connect/ID`.'),
})

export const accountSchema = z.object({
  id: z.string(),
  label: z.string(),
  isLogin: z.boolean().describe('Whether the session began there.'),
  isConnected: z.boolean(),
})
