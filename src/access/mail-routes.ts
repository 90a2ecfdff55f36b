// Mails that have not been sent, for administrators.

import { z } from 'zod'
import { defineRoute, json, type Route } from '#http'
import type { Mail } from '#mail'
import { nextSchema, pageSchema, toPage } from './route-words.ts'

const querySchema = pageSchema.extend({
  state: z.enum(['waiting', 'failed']).optional().describe('`failed`: given up.'),
})

const mailSchema = z.object({
  id: z.string(),
  to: z.string(),
  template: z.string(),
  subject: z.string(),
  state: z.enum(['waiting', 'failed']),
  createdAt: z.number(),
  nextAt: z.number().describe('When it is tried next, where it waits.'),
  attempts: z.number(),
  lastError: z.string().optional().describe('What the mail server said the last time.'),
})

export const createMailRoutes = ({
  isConfigured,
  listUnsent,
}: Pick<Mail, 'isConfigured' | 'listUnsent'>): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/admin/mails',
    routeClass: 'api',
    access: 'admin',
    summary: 'Mails that wait or could not be sent, the newest first, a page at a time.',
    query: querySchema,
    output: {
      200: z.object({
        isConfigured: z.boolean().describe('Whether mail is sent at all.'),
        mails: z.array(mailSchema),
        next: nextSchema,
      }),
    },
    handle: async (_ctx, { query: { limit, after, state } }) => {
      const found = await listUnsent({
        limit: limit + 1,
        ...(after !== undefined && { after }),
        ...(state !== undefined && { state }),
      })
      const { items, ...next } = toPage(found, limit, ({ id }) => id)
      return json({ isConfigured, mails: items, ...next })
    },
  }),
]
