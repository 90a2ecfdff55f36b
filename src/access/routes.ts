// The JSON API of access: who am I, and what administrators see and change of people.

import { z } from 'zod'
import { defineRoute, json, type Route } from '#http'
import type { Mail } from '#mail'
import type { Sessions } from '#sessions'
import type { AuditLog } from '#storage'
import type { Access } from './access.ts'
import { createAuditRoutes } from './audit-routes.ts'
import { createGroupRoutes, type GroupRights } from './group-routes.ts'
import { createMailRoutes } from './mail-routes.ts'
import { personOf } from './route-words.ts'
import type { ListSessions } from './session-list.ts'
import { createSessionRoutes } from './session-routes.ts'
import { createUserRoutes } from './user-routes.ts'

const principalSchema = z.object({
  userId: z.string(),
  provider: z.string(),
  subject: z.string(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().optional(),
  groups: z.array(z.string()),
  isAdmin: z.boolean(),
  isPending: z.boolean().describe('Nobody has approved the account yet.'),
})

export interface AccessRoutesDeps {
  readonly access: Pick<Access, 'users' | 'groups' | 'principal' | 'principalOf'>
  readonly sessions: Pick<Sessions, 'current' | 'find' | 'endByRef' | 'endAllOf'>
  readonly listSessions: ListSessions
  readonly audit: Pick<AuditLog, 'list'>
  readonly mail: Pick<Mail, 'isConfigured' | 'listUnsent'>
  readonly groupRights: GroupRights
}

export const createAccessRoutes = ({
  access,
  sessions,
  listSessions,
  audit,
  mail,
  groupRights,
}: AccessRoutesDeps): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/api/v1/me',
    routeClass: 'api',
    access: 'self',
    whilePending: true,
    summary: 'Who I am here: names, groups, and whether I am an administrator.',
    output: { 200: principalSchema },
    handle: (ctx) => json(personOf(access, ctx)),
  }),
  ...createUserRoutes(access),
  ...createSessionRoutes({ users: access.users, sessions, listSessions }),
  ...createGroupRoutes(access, groupRights),
  ...createAuditRoutes(audit),
  ...createMailRoutes(mail),
]
