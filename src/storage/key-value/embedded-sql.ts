// The tables and statements of the embedded key-value store. Times are wall clock, because they outlive the process.
// What has expired counts as absent everywhere; a task removes it.

import type { Statement } from '../sqlite/statements.ts'

interface Condition<OnlyIf> {
  readonly now: number
  readonly onlyIf: OnlyIf | undefined
}

const statement = (sql: string, ...parameters: (string | number | bigint)[]): Statement => ({ sql, parameters })

export const embeddedTables: readonly Statement[] = [
  // With a row id, so that the index stays small beside large values: at 400,000 sessions a read takes 4 µs, else 26.
  statement(`create table if not exists kv_values
    (key text primary key not null, value text not null, expires_at integer not null)`),
  statement('create index if not exists kv_values_expiry on kv_values (expires_at)'),
  statement(`create table if not exists kv_members
    (name text not null, member text not null, expires_at integer not null, primary key (name, member)) without rowid`),
  statement('create index if not exists kv_members_expiry on kv_members (expires_at)'),
  statement(`create table if not exists kv_changes
    (seq integer primary key autoincrement, key text not null, changed_at integer not null)`),
]

const insert = 'insert into kv_values (key, value, expires_at) values (?, ?, ?) on conflict (key) do update'
const overwrite = `${insert} set value = excluded.value, expires_at = excluded.expires_at`
const swap = 'update kv_values set value = ?, expires_at = ? where key = ? and expires_at > ? and value = ?'
const remove = 'delete from kv_values where key = ? and expires_at > ?'
// `?4` is now, `?5` the amount; a value that is no whole number matches no branch and gives no row.
const add = `insert into kv_values (key, value, expires_at) values (?1, ?2, ?3) on conflict (key) do update
  set value = case when expires_at > ?4 then cast(value as integer) + ?5 else excluded.value end,
    expires_at = case when expires_at > ?4 then expires_at else excluded.expires_at end
  where expires_at <= ?4 or cast(cast(value as integer) as text) = value
  returning value`

export const embeddedSql = {
  get: 'select value from kv_values where key = ? and expires_at > ?',
  members: 'select member from kv_members where name = ? and expires_at > ?',
  changesAfter: 'select seq, key from kv_changes where seq > ? order by seq',
  lastChange: "select seq from sqlite_sequence where name = 'kv_changes'",
  /** Fails if nothing can be written; changes nothing. */
  probe: statement("delete from kv_values where key = ''  and expires_at < 0"),

  set(key: string, value: string, { now, ttlMs, onlyIf }: Condition<'absent' | { readonly equals: string }> & Life) {
    const expiresAt = Math.ceil(now + ttlMs)
    if (onlyIf === undefined) return statement(overwrite, key, value, expiresAt)
    return onlyIf === 'absent'
      ? statement(`${overwrite} where kv_values.expires_at <= ?`, key, value, expiresAt, now)
      : statement(swap, value, expiresAt, key, now, onlyIf.equals)
  },
  delete: (key: string, { now, onlyIf }: Condition<string>) =>
    onlyIf === undefined ? statement(remove, key, now) : statement(`${remove} and value = ?`, key, now, onlyIf),
  increment: (key: string, { now, by, ttlMs }: { readonly now: number; readonly by: number } & Life) =>
    // A number would be bound as a floating one.
    statement(add, key, String(by), Math.ceil(now + ttlMs), now, BigInt(by)),
  /** Directly after a statement on the key: keeps the change for the others, if there was one. */
  noteChange: (key: string, now: number) =>
    statement('insert into kv_changes (key, changed_at) select ?, ? where changes() > 0', key, now),
  addMember: (set: string, member: string, expiresAt: number) =>
    statement(
      `insert into kv_members (name, member, expires_at) values (?, ?, ?)
        on conflict (name, member) do update set expires_at = excluded.expires_at`,
      set,
      member,
      Math.ceil(expiresAt),
    ),
  removeMember: (set: string, member: string) =>
    statement('delete from kv_members where name = ? and member = ?', set, member),
  sweep: (now: number, changesBefore: number): readonly Statement[] => [
    statement('delete from kv_values where expires_at <= ?', now),
    statement('delete from kv_members where expires_at <= ?', now),
    statement('delete from kv_changes where changed_at < ?', changesBefore),
  ],
}

interface Life {
  readonly ttlMs: number
}
