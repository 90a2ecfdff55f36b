// The stores, the migrations and the key ring, without changing any of them.

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readKeyRing } from '#storage'
import { PATIENCE_MS } from '../probe/ask.ts'
import { describeTrial } from '../probe/describe-trial.ts'
import { messageOf } from '../probe/outcome.ts'
import { type Check, type Finding, failure, ok, type Patient, skipped, toFinding, warning } from './finding.ts'

const SLOW_MS = 100
const DAY_MS = 86_400_000
const OLD_DAYS = 365

const NAMES = { sql: 'database', keyValue: 'session store' } as const

export const checkStores: Check = async (patient) => {
  const { config } = patient.loaded
  const usesFile = config.storage.sql.type === 'sqlite' || config.storage.keyValue.type === 'embedded'
  if (usesFile && !existsSync(join(config.storage.directory, 'gatehouse.db'))) {
    // Opening it would make it, as whoever runs the doctor.
    return [
      skipped('stores', `${config.storage.directory} holds no database yet: the first start makes it`),
      ...checkKeyRing(patient),
    ]
  }
  const { storage } = patient.gateway.apis
  const trials = await storage.tryOut(PATIENCE_MS)
  const found = trials.map((trial) => {
    const finding = toFinding(NAMES[trial.store], describeTrial(trial))
    const isSlow = finding.status === 'ok' && (trial.roundTripMs ?? 0) > SLOW_MS
    return isSlow
      ? warning(finding.check, finding.what, 'move the store nearer to the gateway, or see what keeps it busy')
      : finding
  })
  const isOpen = trials.some(({ store, fault }) => store === 'sql' && fault === undefined)
  return [
    ...found,
    isOpen ? await checkMigrations(patient) : skipped('migrations', 'the database cannot be used'),
    ...checkKeyRing(patient),
  ]
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
