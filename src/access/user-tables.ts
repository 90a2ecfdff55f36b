// The tables about people: who they are, whether they are approved, what role they have, which groups of Gatehouse's own
// they are in. Each is written by one file of this folder, and all of them are read together by `standing-store.ts`.

import type { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import type { Approval, Role } from './access.ts'

export interface PeopleTables {
  readonly users: UserTable
  readonly user_approvals: ApprovalTable
  readonly user_issuers: IssuerTable
  readonly user_groups_heard: GroupsHeardTable
  readonly user_roles: RoleTable
  readonly local_groups: LocalGroupTable
  readonly local_group_members: LocalGroupMemberTable
  readonly people_changes: PeopleChangesTable
}

export interface UserTable {
  readonly id: string
  readonly provider: string
  readonly subject: string
  readonly username: string
  readonly display_name: string
  readonly email: string | null
  /** A JSON array of names. */
  readonly groups: string
  readonly created_at: number
  readonly last_login_at: number
  readonly disabled_at: number | null
}

/** Only of people who had, or have, to wait; whoever has no row is approved. */
export interface ApprovalTable {
  readonly user_id: string
  readonly approval: Approval
  readonly asked_at: number
  readonly decided_at: number | null
  /** When the administrators were last written to about it. */
  readonly mailed_at: number | null
}

/** Only of people whose provider's names mean somebody together with the issuer; written at the first login that says so. */
export interface IssuerTable {
  readonly user_id: string
  readonly issuer: string
}

/** When the provider was asked for the groups that the person's row has. */
export interface GroupsHeardTable {
  readonly user_id: string
  readonly asked_at: number
}

export interface RoleTable {
  readonly user_id: string
  readonly role: Role
  readonly given_at: number
}

export interface LocalGroupTable {
  readonly name: string
  readonly description: string
  readonly created_at: number
}

export interface LocalGroupMemberTable {
  readonly group_name: string
  readonly user_id: string
  readonly added_at: number
}

/** One row, whose text is another one after each change of what nodes keep in memory. */
export interface PeopleChangesTable {
  readonly name: string
  readonly version: string
}

/** One statement each, which does no harm twice: not every database rolls back changes of schema. */
export const userMigrations: Readonly<Record<string, Migration>> = {
  '2026-11-21-20-users': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('users')
        .ifNotExists()
        .addColumn('id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('provider', 'varchar(255)', (column) => column.notNull())
        .addColumn('subject', 'varchar(255)', (column) => column.notNull())
        .addColumn('username', 'text', (column) => column.notNull())
        .addColumn('display_name', 'text', (column) => column.notNull())
        .addColumn('email', 'text')
        .addColumn('groups', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .addColumn('last_login_at', 'bigint', (column) => column.notNull())
        .addColumn('disabled_at', 'bigint')
        .addUniqueConstraint('users_provider_subject', ['provider', 'subject'])
        .execute()
    },
  },
  '2026-11-22-19-users-last-login': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createIndex('users_last_login')
        .ifNotExists()
        .on('users')
        .columns(['last_login_at', 'id'])
        .execute()
    },
  },
  '2026-11-22-20-user-approvals': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('user_approvals')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('approval', 'varchar(16)', (column) => column.notNull())
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .addColumn('decided_at', 'bigint')
        .addColumn('mailed_at', 'bigint')
        .execute()
    },
  },
  '2026-11-22-21-user-roles': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('user_roles')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('role', 'varchar(32)', (column) => column.notNull())
        .addColumn('given_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('user_roles_key', ['user_id', 'role'])
        .execute()
    },
  },
  '2026-11-22-22-local-groups': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('local_groups')
        .ifNotExists()
        .addColumn('name', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('description', 'text', (column) => column.notNull())
        .addColumn('created_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-23-local-group-members': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('local_group_members')
        .ifNotExists()
        .addColumn('group_name', 'varchar(64)', (column) => column.notNull())
        .addColumn('user_id', 'varchar(64)', (column) => column.notNull())
        .addColumn('added_at', 'bigint', (column) => column.notNull())
        .addPrimaryKeyConstraint('local_group_members_key', ['group_name', 'user_id'])
        .execute()
    },
  },
  '2026-11-22-24-people-changes': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('people_changes')
        .ifNotExists()
        .addColumn('name', 'varchar(32)', (column) => column.primaryKey())
        .addColumn('version', 'varchar(64)', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-25-user-issuers': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('user_issuers')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('issuer', 'text', (column) => column.notNull())
        .execute()
    },
  },
  '2026-11-22-26-user-groups-heard': {
    up: async (database: Kysely<unknown>) => {
      await database.schema
        .createTable('user_groups_heard')
        .ifNotExists()
        .addColumn('user_id', 'varchar(64)', (column) => column.primaryKey())
        .addColumn('asked_at', 'bigint', (column) => column.notNull())
        .execute()
    },
  },
}
