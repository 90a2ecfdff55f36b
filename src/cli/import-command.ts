// `gatehouse import backend-ai`: the file of a Backend.AI webserver becomes a configuration of ours, and what cannot be
// taken over is said by name. No secret is printed or written into the configuration.

import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { formatProblem, readTextFile } from '#config'
import { type CommandContext, CommandExit, DEFAULT_CONFIG_FILE } from './command-context.ts'
import { type Converted, convert } from './import/convert.ts'
import type { Remark } from './import/dropped.ts'
import { PROFILES, type Profile } from './import/profile.ts'
import { KEY_RING_FILE } from './init/config-text.ts'
import { loadDraft } from './init/draft.ts'
import { findInTheWay, writeFiles } from './init/write-files.ts'

interface Options {
  readonly out?: string
  readonly url?: string
  readonly profile?: Profile
  readonly force?: boolean
}

const MORE = `
Without --out the configuration goes to standard output. With it, the password of Redis goes into a file beside it that only
you can read, and the server's keys are made. What had no effect, what is different here and what is dropped goes to standard
error. What is written is what \`gatehouse config check\` finds right; nothing is written else.

Exit codes: 0 done, 1 not written (something in the file is wrong, or a file is in the way), 2 misused.

Examples:
  $ gatehouse import backend-ai /etc/backend.ai/webserver.conf
  $ gatehouse import backend-ai webserver.conf --url https://console.example.org --out /etc/gatehouse/gatehouse.yaml
`

const MAX_BYTES = 1024 * 1024

/** Adds `import backend-ai`. Exit codes: 0 done, 1 not written, 2 misused. */
export function addImportCommand(program: Command, context: CommandContext): void {
  program
    .command('import')
    .description('Make a configuration from that of another program.')
    .command('backend-ai')
    .argument('<file>', 'webserver.conf of the Backend.AI webserver')
    .description('Take over the configuration of a Backend.AI webserver, and say what is dropped and why.')
    .option('-o, --out <file>', 'where to write the configuration; secrets go beside it')
    .option('--url <url>', 'the address that people open, which the file does not say')
    .addOption(new Option('--profile <release>', 'the release of the Manager; guessed if absent').choices(PROFILES))
    .option('--force', 'replace files that exist')
    .addHelpText('after', MORE)
    .action((file: string, options: Options, command: Command) => runImport(file, options, command, context))
}

async function runImport(file: string, options: Options, command: Command, context: CommandContext): Promise<void> {
  const { out, url, profile } = options
  if (url !== undefined && !/^https?:\/\/[^/?#@\s]+(\/[^?#\s]*)?$/i.test(url)) {
    command.error('error: --url is an address such as https://console.example.org', { exitCode: 2 })
  }
  const path = resolve(context.cwd, file)
  const read = readTextFile(path, MAX_BYTES)
  if ('reason' in read) return refuse(context, `${file} cannot be read: ${read.reason}.`)
  const converted = await convert({ file, path, text: read.text, url, profile })
  if ('problems' in converted) {
    for (const problem of converted.problems) context.printError(`${formatProblem(problem)}\n`)
    return refuse(context, `Nothing was written: correct ${file}, or a copy of it.`)
  }
  const draft = { file: out ?? DEFAULT_CONFIG_FILE, text: converted.text, secrets: converted.secrets }
  checkDraft(context, draft)
  tell(context, file, converted)
  if (out === undefined) {
    tellOfFiles(context, converted)
    context.print(converted.text.trimEnd())
  } else writeDraft(context, options, { ...draft, needsKeyRing: converted.needsKeyRing })
}

type Draft = Parameters<typeof loadDraft>[1]

function refuse({ printError }: CommandContext, why: string): never {
  printError(why)
  throw new CommandExit(1)
}

/** What `config check` would say. */
function checkDraft(context: CommandContext, draft: Draft): void {
  const loaded = loadDraft(context, draft)
  if (loaded.ok) return
  for (const problem of loaded.problems) context.printError(`${formatProblem(problem)}\n`)
  refuse(context, 'What the file says makes no configuration that could be used. Nothing was written.')
}

function tell({ printError }: CommandContext, file: string, { warnings, dropped, guessed }: Converted): void {
  const line = (kind: string, { written, at, about }: Remark) =>
    printError(`${kind}: ${file}:${at.line}:${at.column}  ${written}: ${about}`)
  if (guessed !== undefined) printError(`taken for ${guessed}; --profile says otherwise`)
  for (const remark of warnings) line('warning', remark)
  for (const remark of dropped) line('dropped', remark)
}

/** What the configuration on standard output names, and nobody has made yet. */
function tellOfFiles({ printError }: CommandContext, { secrets, needsKeyRing }: Converted): void {
  for (const name of secrets.keys()) {
    printError(
      `to do: put the password of Redis into the file ${name} beside the configuration, readable by the gateway alone`,
    )
  }
  if (needsKeyRing)
    printError(`to do: make the file ${KEY_RING_FILE} beside it, once for all nodes: gatehouse keys rotate`)
}

function writeDraft(
  context: CommandContext,
  { force }: Options,
  draft: Draft & { readonly needsKeyRing: boolean },
): void {
  const { cwd, print } = context
  const inTheWay = findInTheWay({ cwd, ...draft })
  if (inTheWay.length > 0 && force !== true) {
    refuse(context, `There is ${inTheWay.join(' and ')} already. Nothing was written; --force replaces it.`)
  }
  const files = writeFiles({ cwd, ...draft })
  print(`Written: ${files.join(', ')}\nThe configuration is right.\n\nNext:`)
  for (const command of ['doctor', 'serve']) print(`  $ gatehouse ${command} --config ${draft.file}`)
}
