// Secrets in the configuration are references, `{ file: PATH }` or `{ env: NAME }`, and become `Secret` values when it
// is read. Nothing here prints a value, nor what was written where a reference belongs (it may be the secret itself).

import { AsyncLocalStorage } from 'node:async_hooks'
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { Secret } from '#kernel'
import { filePath } from './file-path.ts'

/** The variables of a process, or of a test that stands in for one. */
export type Environment = Readonly<Record<string, string | undefined>>

const environment = new AsyncLocalStorage<Environment>()
const maxSecretBytes = 64 * 1024

/** Runs `parse` so that `{ env }` references inside it are looked up in `env` instead of in the process's own. */
export const withEnvironment = <T>(env: Environment, parse: () => T): T => environment.run(env, parse)

/**
 * A secret of the configuration: `{ file: PATH }` (one trailing newline is dropped) or `{ env: NAME }`.
 *
 * @example
 * clientSecret: secretRef().describe('What the provider gave us for this client.')
 */
export const secretRef = () =>
  z
    .union(
      [
        z.strictObject({ file: filePath().describe('A file that holds nothing but the secret.') }),
        z.strictObject({ env: z.string().min(1).describe('An environment variable that holds the secret.') }),
      ],
      { error: 'a secret is not written here but referred to, as { file: PATH } or { env: NAME }' },
    )
    .transform((reference, context): Secret => {
      const found = 'file' in reference ? readFrom(reference.file) : lookUp(reference.env)
      if ('value' in found) return new Secret(found.value)
      context.addIssue({ code: 'custom', message: found.reason, path: Object.keys(reference), input: reference })
      return z.NEVER
    })
    .meta({ 'x-type': 'secret', examples: [{ file: '/run/secrets/name' }] })

type Found = { readonly value: string } | { readonly reason: string }

function readFrom(path: string): Found {
  try {
    const bytes = readFileSync(path)
    if (bytes.length > maxSecretBytes) return { reason: `the file ${path} is larger than 64 KiB, which no secret is` }
    const value = new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/, '')
    return value === '' ? { reason: `the file ${path} is empty` } : { value }
  } catch (error) {
    return { reason: `the file ${path} cannot be read (${reasonOf(error)})` }
  }
}

function lookUp(name: string): Found {
  const value = (environment.getStore() ?? process.env)[name]
  if (value === undefined) return { reason: `the environment variable ${name} is not set` }
  return value === '' ? { reason: `the environment variable ${name} is empty` } : { value }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a directory',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not text in UTF-8',
}

const reasonOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error'
  return reasons[code] ?? code
}
