// The audit log, for administrators: what happened to whom, who did it, from where.

import { z } from 'zod'
import { defineRoute, json, type Route } from '#http'
import type { AuditLog } from '#storage'
import { nextSchema, plainText, toPage } from './route-words.ts'

const querySchema = z.object({
  limit: z.coerce.number().int().min(1).max(1000).default(100),
  after: z.coerce.number().int().min(1).optional().describe('`next` of the page before.'),
  user: plainText(64).optional().describe('The id of the user whom it happened to.'),
  action: plainText(64).optional().describe('`login.failed`, `session.create`, `user.approve` …'),
  outcome: z.enum(['success', 'failure']).optional(),
  since: z.coerce.number().int().min(0).optional().describe('Nothing older, in ms since the epoch.'),
})

const entrySchema = z.object({
  id: z.number(),
  at: z.number().describe('Milliseconds since the epoch.'),
  action: z.string(),
  outcome: z.enum(['success', 'failure']),
  userId: z.string().optional().describe('Whom it happened to.'),
  actor: z.string().optional().describe('Who did it, where that is somebody else: a user’s id, or `cli`.'),
  address: z.string().optional(),
  requestId: z.string().optional().describe('As in the log.'),
  subject: z.string().optional().describe('What it was done to: a session, an upstream, a group.'),
  detail: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
})

export const createAuditRoutes = (audit: Pick<AuditLog, 'list'>): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/admin/audit',
    routeClass: 'api',
    access: 'admin',
    summary: 'The audit log, the newest first, a page at a time.',
    query: querySchema,
    output: { 200: z.object({ entries: z.array(entrySchema), next: nextSchema }) },
    handle: async (_ctx, { query: { limit, after, user, action, outcome, since } }) => {
      const found = await audit.list({
        limit: limit + 1,
        ...(after !== undefined && { before: after }),
        ...(user !== undefined && { userId: user }),
        ...(action !== undefined && { action }),
        ...(outcome !== undefined && { outcome }),
        ...(since !== undefined && { since }),
      })
      const { items, ...next } = toPage(found, limit, ({ id }) => String(id))
      return json({ entries: items, ...next })
    },
  }),
]
