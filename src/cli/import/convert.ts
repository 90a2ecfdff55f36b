// The file of a Backend.AI webserver → a configuration of ours that does the same, and what has to be said about it.

import { dirname } from 'node:path'
import type { ConfigProblem } from '#config'
import type { Secret } from '#kernel'
import { KEY_RING_FILE } from '../init/config-text.ts'
import { readBackendAi, readLifetimes } from './backend-ai-section.ts'
import { type Remark, sortRest } from './dropped.ts'
import { readPipeline } from './manager-section.ts'
import { createOriginal } from './original.ts'
import { guessProfile, type Profile } from './profile.ts'
import { REDIS_PASSWORD_FILE, type Redis, readRedis } from './redis.ts'
import { readServer } from './server-section.ts'
import { group, type Setting, setting, toYaml } from './setting.ts'
import { readTelemetry } from './telemetry-section.ts'
import { parseToml, TomlFault, type TomlTable } from './toml-source.ts'

export interface ImportRequest {
  /** As the operator calls it. */
  readonly file: string
  /** Absolute. */
  readonly path: string
  readonly text: string
  /** What people open. */
  readonly url: string | undefined
  /** Guessed from the file if absent. */
  readonly profile: Profile | undefined
}

export interface Converted {
  readonly text: string
  /** By the name of the file beside it. */
  readonly secrets: ReadonlyMap<string, Secret>
  readonly needsKeyRing: boolean
  /** What to look at, from top to bottom of the original's file. */
  readonly warnings: readonly Remark[]
  readonly dropped: readonly Remark[]
  /** The release and why, where it was guessed. */
  readonly guessed: string | undefined
}

export type Conversion = Converted | { readonly problems: readonly ConfigProblem[] }

export async function convert(request: ImportRequest): Promise<Conversion> {
  try {
    return convertTable(await parseToml(request.text), request)
  } catch (error) {
    if (!(error instanceof TomlFault)) throw error
    const origin = { kind: 'file', file: request.file, ...error.at } as const
    return {
      problems: [{ path: '', origin, what: 'not TOML', why: error.message, fix: 'correct the file at this place' }],
    }
  }
}

function convertTable(root: TomlTable, { file, path, url, ...given }: ImportRequest): Conversion {
  const original = createOriginal(root, file)
  const folder = dirname(path)
  const guess = given.profile === undefined ? guessProfile(original) : undefined
  const profile = given.profile ?? guess?.profile ?? '26.2'
  const redis = readRedis(original)
  const lifetimes = readLifetimes(original)
  const pipeline = readPipeline(original)
  const sections = [
    ...readServer(original, { url, folder, pipelineUrl: pipeline.frontendUrl }),
    ...readTelemetry(original),
    ...toStorage(redis, profile),
    ...group(
      'sessions',
      setting('absolute', lifetimes.absolute),
      'No login lasts longer, however often it is extended.',
    ),
    ...readBackendAi(original, { profile, redis, pipeline, lifetimes, folder }),
  ]
  const problems = original.problems()
  if (problems.length > 0) return { problems }
  const rest = sortRest(original)
  return {
    text: `${HEADING}\n${toYaml(sections)}`,
    secrets: new Map(redis?.password === undefined ? [] : [[REDIS_PASSWORD_FILE, redis.password]]),
    needsKeyRing: redis !== undefined,
    warnings: [...original.warnings, ...rest.warnings].toSorted((a, b) => a.at.line - b.at.line),
    dropped: rest.dropped,
    guessed: guess && `profile ${profile}: ${guess.because}`,
  }
}

const HEADING = `# Written by \`gatehouse import backend-ai\`. Every key there is, explained: \`gatehouse config sample\`.
# After a change: \`gatehouse config check\`. A running gateway takes most changes up by itself.
`

function toStorage(redis: Redis | undefined, profile: Profile): readonly Setting[] {
  if (redis === undefined) {
    return group(
      'storage',
      setting('directory', 'gatehouse-data'),
      'The file named no Redis: all is kept in this folder, for one machine.',
    )
  }
  return group(
    'storage',
    [
      ...setting(
        'directory',
        'gatehouse-data',
        'Users and the audit log. For several machines: sql: { type: postgres, … }',
      ),
      ...setting('keyRing', KEY_RING_FILE, 'The keys that seal what is kept. Copy the file to every node.'),
      ...group('keyValue', [
        ...setting('type', 'redis'),
        ...redis.settings,
        ...setting('prefix', 'gatehouse:', 'Apart from what Backend.AI keeps in the same database.'),
      ]),
    ],
    'Sessions are kept in the same Redis, sealed, under names that tell nothing.',
    profile === '26.2'
      ? 'Those of the original are not taken over: everybody logs in once more.'
      : 'Logins go on: from 26.4 on the Manager keeps records of them, see backendAi.sharedRedis.',
  )
}
