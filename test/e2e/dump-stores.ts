// Everything that the stores of an installation hold, as text to search in: for tests of what must not be there.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import pg from 'pg'
import { createClient } from 'redis'
import type { RealStores, TestStores } from '../support/test-stores.ts'

export async function dumpStores({ real, directory }: TestStores): Promise<string> {
  if (real === undefined) return readDatabaseFiles(directory)
  const [sql, keyValue] = await Promise.all([
    real.sql.type === 'postgres' ? dumpPostgres(real.sql) : dumpMariadb(real.sql),
    dumpRedis(real.redisUrl, real.redisPrefix),
  ])
  return `${sql}\n${keyValue}`
}

/** The bytes of SQLite's files, its log included; whatever was ever written and not yet overwritten is in them. */
function readDatabaseFiles(directory: string): string {
  const files = readdirSync(directory, { recursive: true }).map(String)
  const database = files.filter((file) => /\.db(-wal|-shm)?$/.test(file))
  if (database.length === 0) throw new Error(`there is no database in ${directory}`)
  return database.map((file) => readFileSync(join(directory, file), 'latin1')).join('\n')
}

async function dumpPostgres(sql: RealStores['sql']): Promise<string> {
  const { type: _, ...place } = sql
  const client = new pg.Client(place)
  await client.connect()
  try {
    const tables = await client.query("select tablename from pg_tables where schemaname = 'public'")
    const rows: string[] = []
    for (const { tablename } of tables.rows as { tablename: string }[]) {
      const { rows: found } = await client.query(`select t::text as line from "${tablename}" t`)
      rows.push(...(found as { line: string }[]).map(({ line }) => `${tablename} ${line}`))
    }
    return rows.join('\n')
  } finally {
    await client.end()
  }
}

async function dumpMariadb(sql: RealStores['sql']): Promise<string> {
  const { type: _, password = '', ...place } = sql
  const client = await mysql.createConnection({ ...place, password })
  try {
    const [tables] = await client.query({ sql: 'show tables', rowsAsArray: true })
    const lines: string[] = []
    for (const [table] of tables as string[][]) {
      const [rows] = await client.query(`select * from ${table}`)
      lines.push(...(rows as object[]).map((row) => `${table} ${JSON.stringify(row)}`))
    }
    return lines.join('\n')
  } finally {
    await client.end()
  }
}

async function dumpRedis(url: string, prefix: string): Promise<string> {
  const client = createClient({ url, RESP: 2 })
  await client.connect()
  const readers: Readonly<Record<string, (key: string) => Promise<unknown>>> = {
    string: (key) => client.get(key),
    set: (key) => client.sMembers(key),
    zset: (key) => client.zRange(key, 0, -1),
    hash: (key) => client.hGetAll(key),
    list: (key) => client.lRange(key, 0, -1),
  }
  const lines: string[] = []
  try {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*` })) {
      for (const key of keys) {
        const read = readers[await client.type(key)]
        lines.push(`${key} ${JSON.stringify(await read?.(key))}`)
      }
    }
    return lines.join('\n')
  } finally {
    await client.close()
  }
}
