// Lists of users: part of a name, a state, the members of a group, a page at a time.

import { type ExpressionBuilder, type ExpressionWrapper, type SqlBool, sql } from 'kysely'
import type { UserQuery, UserState } from './access.ts'
import type { PeopleTables } from './user-tables.ts'

/** What is asked of the table of users, with what is known of their approval. */
type From = ExpressionBuilder<PeopleTables, 'users' | 'user_approvals'>
type Condition = ExpressionWrapper<PeopleTables, 'users' | 'user_approvals', SqlBool>

export interface ListQuery extends UserQuery {
  /** By name: only its members. */
  readonly group?: string
}

const SEARCHED = ['users.username', 'users.display_name', 'users.email', 'users.subject'] as const

/** All of them hold. */
export function conditionsOf({ search, state, group, after }: ListQuery, from: From): Condition {
  return from.and([
    ...(search === undefined ? [] : [from.or(SEARCHED.map((column) => holds(column, search)))]),
    ...(state === undefined ? [] : [STATES[state](from)]),
    ...(group === undefined ? [] : [from('users.id', 'in', membersOf(from, group))]),
    ...(after === undefined ? [] : [comesAfter(from, after)]),
  ])
}

const membersOf = (from: From, group: string) =>
  from.selectFrom('local_group_members').select('local_group_members.user_id').where('group_name', '=', group)

/** `%`, `_` and backslashes in what is searched for are themselves, in every database. */
const holds = (column: (typeof SEARCHED)[number], part: string) => {
  const pattern = `%${part.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`
  return sql<SqlBool>`lower(${sql.ref(column)}) like ${pattern} escape '!'`
}

const isApproved = (from: From): Condition =>
  from.or([from('user_approvals.approval', 'is', null), from('user_approvals.approval', '=', 'approved')])

const STATES: Readonly<Record<UserState, (from: From) => Condition>> = {
  active: (from) => from.and([from('users.disabled_at', 'is', null), isApproved(from)]),
  pending: (from) => from.and([from('user_approvals.approval', '=', 'pending')]),
  refused: (from) => from.and([from('user_approvals.approval', '=', 'refused')]),
  disabled: (from) => from.and([from('users.disabled_at', 'is not', null)]),
}

/** Lists are in the order of provider and subject. */
const comesAfter = (from: From, id: string): Condition => {
  const last = from.selectFrom('users as last').select(['last.provider', 'last.subject']).where('last.id', '=', id)
  const isLater = from.eb(from.refTuple('users.provider', 'users.subject'), '>', last.$asTuple('provider', 'subject'))
  return from.and([isLater])
}
