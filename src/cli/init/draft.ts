// A configuration that is not written yet, checked as it will be: the same schema, the same messages, with what was typed
// in place of the files that will hold it.

import { resolve } from 'node:path'
import { loadConfig } from '#config'
import type { Secret } from '#kernel'
import { configSchema } from '../../modules.ts'
import type { CommandContext } from '../command-context.ts'

export interface Draft {
  /** Where it will be written. */
  readonly file: string
  readonly text: string
  /** By the name of the file beside it. */
  readonly secrets: ReadonlyMap<string, Secret>
}

/** Without the environment: what is written holds wherever it is read. */
export const loadDraft = ({ cwd }: Pick<CommandContext, 'cwd'>, { file, text, secrets }: Draft) =>
  loadConfig({
    files: [{ name: file, text }],
    env: {},
    schema: configSchema,
    cwd,
    given: new Map([...secrets].map(([name, secret]) => [resolve(cwd, file, '..', name), secret.reveal()])),
  })
