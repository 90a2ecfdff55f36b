// What a running gateway leaves in the data folder about its configuration, for `gatehouse config plan`: every setting
// in effect, and of each secret only a slow salted hash. Written at the start and after each reload, gone after a stop.

import { hash, randomBytes, scrypt } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { z } from 'zod'
import type { Setting } from '#config'
import type { Clock } from '#kernel'
import type { Logger } from '#telemetry'

export interface RunningConfig {
  /** When it took effect, ISO 8601. */
  readonly since: string
  readonly pid: number
  readonly settings: readonly RecordedSetting[]
  /** Whether a setting stands for what it stood for then. */
  hasSameContent(recorded: RecordedSetting, setting: Setting): boolean
}

export type RecordedSetting = z.output<typeof recordedSetting>

const recordedSetting = z.object({
  place: z.array(z.union([z.string(), z.number()])),
  value: z.unknown(),
  secretFrom: z.string().exactOptional(),
  restart: z.enum(['always', 'presence']).exactOptional(),
  contentHash: z.string().exactOptional(),
})

const record = z.object({
  since: z.string(),
  pid: z.number(),
  salt: z.string(),
  settings: z.array(recordedSetting),
})

const pathIn = (directory: string): string => join(directory, 'running-config.json')

/** Keeps the record of one gateway: one write at a time, and a failure is a line in the log. */
export interface RunningRecord {
  /** Resolves when `gatehouse config plan` can read it, or why not is in the log. */
  write(settings: readonly Setting[]): Promise<void>
  remove(): Promise<void>
}

export interface RunningRecordOptions {
  readonly directory: string
  readonly log: Logger
  readonly clock: Clock
}

export function createRunningRecord({ directory, log, clock }: RunningRecordOptions): RunningRecord {
  let last: Promise<void> = Promise.resolve()
  const then = (work: () => Promise<void>): Promise<void> => {
    last = last.then(work).catch((err: unknown) => {
      log.warn({ event: 'running_config_unwritten', err }, '`gatehouse config plan` will need --from')
    })
    return last
  }
  return Object.freeze({
    // Without a data folder all state is elsewhere, and none is made for this alone.
    write: (settings: readonly Setting[]) =>
      then(async () => {
        if (existsSync(directory)) await writeRunningConfig(directory, settings, clock.now())
      }),
    remove: () => then(() => removeRunningConfig(directory)),
  })
}

/** @param now milliseconds since the epoch. @throws what the system says; nothing depends on this file. */
export async function writeRunningConfig(directory: string, settings: readonly Setting[], now: number): Promise<void> {
  const salt = randomBytes(16).toString('base64url')
  const recorded = await Promise.all(
    settings.map(async ({ place, value, secretFrom, restart, content }) => ({
      place,
      value,
      secretFrom,
      restart,
      contentHash: content && (await hashContent(content.reveal(), salt, secretFrom !== undefined)),
    })),
  )
  const text = JSON.stringify({ since: new Date(now).toISOString(), pid: process.pid, salt, settings: recorded })
  const draft = `${pathIn(directory)}.${process.pid}`
  await writeFile(draft, text, { mode: 0o600 })
  await rename(draft, pathIn(directory))
}

export const removeRunningConfig = (directory: string): Promise<void> => rm(pathIn(directory), { force: true })

/** Undefined if no gateway runs on this folder, as far as can be seen from here. */
export async function readRunningConfig(
  directory: string,
  settings: readonly Setting[],
): Promise<RunningConfig | undefined> {
  const found = record.safeParse(readJson(pathIn(directory)))
  if (!found.success || !isAlive(found.data.pid)) return undefined
  const { salt, since, pid } = found.data
  const hashes = new Map(
    await Promise.all(
      settings.map(async (setting) => {
        const { content, secretFrom } = setting
        const made = content && (await hashContent(content.reveal(), salt, secretFrom !== undefined))
        return [setting, made] as const
      }),
    ),
  )
  return {
    since,
    pid,
    settings: found.data.settings,
    hasSameContent: (recorded, setting) => recorded.contentHash === hashes.get(setting),
  }
}

const scryptAsync = promisify<string, string, number, Buffer>(scrypt)

/** A secret may be a password that somebody could guess; what a file holds (a certificate, a key) is none. */
const hashContent = async (content: string, salt: string, isSecret: boolean): Promise<string> =>
  isSecret ? (await scryptAsync(content, salt, 24)).toString('base64url') : hash('sha256', content, 'base64url')

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return undefined
  }
}

/** A process that was killed leaves its file behind. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
