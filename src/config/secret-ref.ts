// Secrets in the configuration are references, `{ file: PATH }` or `{ env: NAME }`, and become `Secret` values when it
// is read. Nothing here prints a value, nor what was written where a reference belongs (it may be the secret itself).

import { z } from 'zod'
import { Secret } from '#kernel'
import { filePath } from './file-path.ts'
import { type ConfigInputs, currentInputs } from './inputs.ts'
import { withoutLastNewline } from './text-file.ts'

const maxSecretBytes = 64 * 1024
const variableName = z
  .string()
  .regex(/^[A-Za-z_]\w*$/, {
    error: 'the name of a variable has letters, digits and underscores; the secret itself does not stand here',
  })
  .meta({ examples: ['OIDC_CLIENT_SECRET'] })

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
      const found = readSecret(reference, currentInputs())
      if ('value' in found) return new Secret(found.value)
      const [message, path, params] = [found.reason, Object.keys(reference), { fix: found.fix }]
      context.addIssue({ code: 'custom', message, path, params, input: reference })
      return z.NEVER
    })
    .meta({ 'x-type': 'secret', examples: [{ file: '/run/secrets/name' }] })

export type SecretReference = { readonly file: string } | { readonly env: string }

type Found = { readonly value: string } | { readonly reason: string; readonly fix: string }

/** What a reference stands for. */
export const readSecret = (reference: SecretReference, inputs: ConfigInputs): Found =>
  'file' in reference ? readFrom(reference.file, inputs) : lookUp(reference.env, inputs)

function readFrom(path: string, inputs: ConfigInputs): Found {
  const file = inputs.readText(path, maxSecretBytes)
  const fix = 'put the secret, and nothing else, into a file that this program may read'
  if ('reason' in file) return { reason: `the secret in ${path} cannot be read: ${file.reason}`, fix }
  const value = withoutLastNewline(file.text)
  return value === '' ? { reason: `the file ${path} is empty`, fix } : { value }
}

function lookUp(name: string, { env }: ConfigInputs): Found {
  const value = env[name]
  const fix = `set ${name} where this program is started, or use { file: PATH }`
  if (value === undefined) return { reason: `the environment variable ${name} is not set`, fix }
  return value === '' ? { reason: `the environment variable ${name} is empty`, fix } : { value }
}
