// The stores, the migrations and the key ring, without changing any of them.

import { existsSync } from 'node:fs'
import { tryRecords } from '#backend-ai'
import { databaseFile, readKeyRing, type StoreTrial } from '#storage'
import { PATIENCE_MS } from '../probe/ask.ts'
import { describeTrial } from '../probe/describe-trial.ts'
import { messageOf } from '../probe/outcome.ts'
import { type Check, type Finding, failure, ok, type Patient, skipped, toFinding, warning } from './finding.ts'

const SLOW_MS = 100
const DAY_MS = 86_400_000
const OLD_DAYS = 365

const NAMES = { sql: 'database', keyValue: 'session store' } as const

export const checkStores: Check = async (patient) => [
  ...(await checkOwnStores(patient)),
  ...(await checkSharedRedis(patient)),
]

const checkOwnStores: Check = async (patient) => {
  const { config } = patient.loaded
  const usesFile = config.storage.sql.type === 'sqlite' || config.storage.keyValue.type === 'embedded'
  if (usesFile && !existsSync(databaseFile(config.storage))) {
    // Opening it would make it, as whoever runs the doctor.
    return [
      skipped('stores', `${config.storage.directory} holds no database yet: the first start makes it`),
      ...checkKeyRing(patient),
    ]
  }
  const { storage } = patient.gateway.apis
  const trials = await storage.tryOut(PATIENCE_MS)
  const found = trials.map((trial) => judgeSpeed(toFinding(NAMES[trial.store], describeTrial(trial)), trial))
  const isOpen = trials.some(({ store, fault }) => store === 'sql' && fault === undefined)
  return [
    ...found,
    isOpen ? await checkMigrations(patient) : skipped('migrations', 'the database cannot be used'),
    ...checkKeyRing(patient),
  ]
}

function judgeSpeed(finding: Finding, { roundTripMs = 0 }: StoreTrial): Finding {
  if (finding.status !== 'ok' || roundTripMs <= SLOW_MS) return finding
  return warning(finding.check, finding.what, 'move the store nearer to the gateway, or see what keeps it busy')
}

/** Where the Manager keeps its logins: a record that lives for seconds is written under a name that nobody has. */
const checkSharedRedis: Check = async ({ loaded }) => {
  const config = loaded.config.backendAi?.sharedRedis
  if (config === undefined) return []
  const trial = await tryRecords(config, PATIENCE_MS)
  const tried = { name: 'the Redis of the Manager', place: 'backendAi.sharedRedis' }
  return [judgeSpeed(toFinding('shared Redis', describeTrial(trial, tried)), trial)]
}

async function checkMigrations({ gateway }: Patient): Promise<Finding> {
  const status = await gateway.apis.storage.migrations.status()
  const pending = status.filter(({ appliedAt }) => appliedAt === undefined)
  const unknown = status.filter(({ known }) => !known)
  if (pending.length > 0) {
    return warning(
      'migrations',
      `${pending.length} are to be run: ${pending.map(({ name }) => name).join(', ')}`,
      'run `gatehouse migrate`, or let the next start do it',
    )
  }
  if (unknown.length > 0) {
    return warning(
      'migrations',
      `${unknown.length} in the database are not of this version: ${unknown.map(({ name }) => name).join(', ')}`,
      'use the same version of Gatehouse on all nodes',
    )
  }
  return ok('migrations', `all ${status.length} are applied`)
}

function checkKeyRing({ gateway, loaded }: Patient): readonly Finding[] {
  const path = gateway.apis.storage.keyRingPath
  if (path === undefined) return [skipped('key ring', 'nothing outlives the process, so there is none')]
  try {
    const { keys } = readKeyRing(path)
    const days = Math.floor((Date.now() - (keys[0]?.createdAt ?? 0)) / DAY_MS)
    const what = `${path} holds ${keys.length === 1 ? '1 key' : `${keys.length} keys`}, the newest ${days} days old`
    return [
      days > OLD_DAYS
        ? warning('key ring', what, 'run `gatehouse keys rotate`: nobody is logged out')
        : ok('key ring', what),
    ]
  } catch (error) {
    if (!existsSync(path) && loaded.config.storage.keyRing === undefined)
      return [ok('key ring', `${path} is made at the first start`)]
    return [failure('key ring', messageOf(error), 'run `gatehouse keys rotate`, or copy the file from another node')]
  }
}
