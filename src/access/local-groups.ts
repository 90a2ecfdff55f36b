// Groups that Gatehouse keeps itself, for what no login provider says about people: made, filled and removed by
// administrators. Every node knows of a change within a second.

import type { Clock, UserId } from '#kernel'
import type { Audit, Logger } from '#telemetry'
import type { ChangedBy, LocalGroups, UserPage } from './access.ts'
import { accessErrors } from './errors.ts'
import type { LocalGroupStore } from './local-group-store.ts'
import type { Standings } from './standing.ts'
import type { UserStore } from './user-store.ts'

export interface LocalGroupsDeps {
  readonly store: LocalGroupStore
  readonly users: Pick<UserStore, 'findById' | 'list'>
  readonly standings: Pick<Standings, 'announce'>
  readonly audit: Audit
  readonly clock: Clock
  readonly log: Logger
}

const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/
const CLI: ChangedBy = { actor: 'cli' }

/** What the audit log calls it, and how the log does. */
const EVENTS = {
  'group.create': 'group_create',
  'group.delete': 'group_delete',
  'group.add': 'group_add',
  'group.remove': 'group_remove',
} as const

export function createLocalGroups({ store, users, standings, audit, clock, log }: LocalGroupsDeps): LocalGroups {
  const getGroup = async (name: string) => {
    const group = await store.find(name)
    if (group === undefined) throw accessErrors.groupUnknown({})
    return group
  }

  /** @param userId of whom it is about; absent: it is about the group. */
  const changed = async (action: keyof typeof EVENTS, name: string, by: ChangedBy, userId?: UserId): Promise<void> => {
    await standings.announce()
    await audit.record({
      action,
      outcome: 'success',
      subject: name,
      ...(userId !== undefined && { userId }),
      ...by,
    })
    log.info({ event: EVENTS[action], group: name, ...(userId !== undefined && { user_id: userId }) }, action)
  }

  const getMember = async (name: string, id: UserId): Promise<void> => {
    await getGroup(name)
    if ((await users.findById(id)) === undefined) throw accessErrors.userUnknown({})
  }

  return Object.freeze({
    list: store.list,
    find: store.find,

    async members(name: string, page: UserPage = {}) {
      await getGroup(name)
      return users.list({ ...page, group: name })
    },

    async create({ name, description = '' }, by = CLI) {
      if (!NAME.test(name)) throw accessErrors.groupNameUnusable({})
      if (!(await store.create(name, description, clock.now()))) throw accessErrors.groupExists({})
      await changed('group.create', name, by)
      return getGroup(name)
    },

    async delete(name: string, by = CLI) {
      if (!(await store.delete(name))) throw accessErrors.groupUnknown({})
      await changed('group.delete', name, by)
    },

    async add(name: string, id: UserId, by = CLI) {
      await getMember(name, id)
      const isNew = await store.add(name, id, clock.now())
      if (isNew === undefined) throw accessErrors.groupUnknown({})
      if (isNew) await changed('group.add', name, by, id)
    },

    async remove(name: string, id: UserId, by = CLI) {
      await getMember(name, id)
      if (await store.remove(name, id)) await changed('group.remove', name, by, id)
    },
  } satisfies LocalGroups)
}
