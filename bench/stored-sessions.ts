// Fills a data folder with sessions: a few people log in for real, then their sessions are copied under other keys until
// there are as many as wanted. Straight into the tables of the embedded store, because a million logins take hours.

import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'

/** Only while no gateway runs on the folder. @returns how many there are now */
export function fillWithSessions(data: string, wanted: number): number {
  const database = new DatabaseSync(join(data, 'gatehouse.db'))
  try {
    database.exec('pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -1000000')
    database.exec('begin')
    const missing = wanted - countSessions(database)
    if (missing > 0) database.exec(copies('kv_values', 'key, value, expires_at', 'key', missing))
    if (missing > 0) database.exec(copies('kv_members', 'name, member, expires_at', 'name', missing))
    database.exec('commit; pragma journal_mode = wal')
    return countSessions(database)
  } finally {
    database.close()
  }
}

const countSessions = (database: DatabaseSync): number =>
  Number(database.prepare("select count(*) as count from kv_values where key like 'websession:%'").get()?.count)

/** Copies of the table's rows, in turn, each under a random key of the same length; in the order of the keys. */
const copies = (table: string, columns: string, key: string, count: number): string => `
  create temp table originals as
    select row_number() over () - 1 as number, * from ${table} where ${key} like '%session%';
  create temp table fresh as
    with recursive copy(number) as (select 0 union all select number + 1 from copy where number < ${count - 1})
    select number, substr(lower(hex(randomblob(64))), 1, 43) as random from copy order by random;
  insert into ${table} (${columns})
    select ${columns.replace(key, `substr(${key}, 1, instr(${key}, ':')) || fresh.random`)}
    from fresh join originals on originals.number = fresh.number % (select count(*) from originals)
    order by fresh.random;
  drop table originals;
  drop table fresh;`
