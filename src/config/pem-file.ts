// A file in PEM that the configuration names: certificates to trust or to show, a private key. It is read with the
// configuration, so that `config check` finds what is missing and a reload sees what was renewed.

import { z } from 'zod'
import { filePath } from './file-path.ts'
import { currentInputs } from './inputs.ts'

const maxPemBytes = 4 * 1024 * 1024

/**
 * The path of a file that holds PEM; the parsed value is its text. What it holds is for the feature to check.
 *
 * @example
 * ca: pemFile().optional().describe('Authorities to trust.')
 */
export const pemFile = () =>
  filePath().transform((path, context): string => {
    const file = currentInputs().readText(path, maxPemBytes)
    const text = 'text' in file ? file.text : ''
    if (text.includes('-----BEGIN ')) return text
    const message = 'reason' in file ? `${path} cannot be read: ${file.reason}` : `${path} holds nothing in PEM`
    const fix = 'name a file in PEM (its first line is -----BEGIN …-----) that this program may read'
    context.addIssue({ code: 'custom', message, params: { fix }, input: path })
    return z.NEVER
  })
