// Secrets in the configuration are references, `{ file: PATH }` or `{ env: NAME }`, and become `Secret` values when it
// is read. Nothing here prints a value, nor what was written where a reference belongs (it may be the secret itself).

import { AsyncLocalStorage } from 'node:async_hooks'
import { z } from 'zod'
import { Secret } from '#kernel'
import { filePath } from './file-path.ts'
import { readTextFile, withoutLastNewline } from './text-file.ts'

/** The variables of a process, or of a test that stands in for one. */
export type Environment = Readonly<Record<string, string | undefined>>

const environment = new AsyncLocalStorage<Environment>()
const maxSecretBytes = 64 * 1024
const variableName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, {
    error: 'the name of a variable has letters, digits and underscores; the secret itself does not stand here',
  })
  .meta({ examples: ['OIDC_CLIENT_SECRET'] })

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
        z.strictObject({ env: variableName.describe('An environment variable that holds the secret.') }),
      ],
      { error: 'a secret is not written here but referred to, as { file: PATH } or { env: NAME }' },
    )
    .transform((reference, context): Secret => {
      const found = 'file' in reference ? readFrom(reference.file) : lookUp(reference.env)
      if ('value' in found) return new Secret(found.value)
      const [message, path, params] = [found.reason, Object.keys(reference), { fix: found.fix }]
      context.addIssue({ code: 'custom', message, path, params, input: reference })
      return z.NEVER
    })
    .meta({ 'x-type': 'secret', examples: [{ file: '/run/secrets/name' }] })

type Found = { readonly value: string } | { readonly reason: string; readonly fix: string }

function readFrom(path: string): Found {
  const file = readTextFile(path, maxSecretBytes)
  const fix = 'put the secret, and nothing else, into a file that this program may read'
  if ('reason' in file) return { reason: `the secret in ${path} cannot be read: ${file.reason}`, fix }
  const value = withoutLastNewline(file.text)
  return value === '' ? { reason: `the file ${path} is empty`, fix } : { value }
}

function lookUp(name: string): Found {
  const value = (environment.getStore() ?? process.env)[name]
  const fix = `set ${name} where this program is started, or use { file: PATH }`
  if (value === undefined) return { reason: `the environment variable ${name} is not set`, fix }
  return value === '' ? { reason: `the environment variable ${name} is empty`, fix } : { value }
}
