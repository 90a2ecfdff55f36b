// `gatehouse init`: five questions, each answer tried at once, and a commented configuration with its secrets in files of
// their own.

import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { formatProblem, problemAsJson } from '#config'
import { type CommandContext, CommandExit, DEFAULT_CONFIG_FILE } from './command-context.ts'
import type { Answers } from './init/answers.ts'
import { type Collected, collect, findMissing, type TriedAnswer } from './init/collect.ts'
import { LOGIN_IDS, toConfigText, toSecretFiles } from './init/config-text.ts'
import { loadDraft } from './init/draft.ts'
import type { InitFlags } from './init/flags.ts'
import { describeNextSteps, toNextSteps } from './init/next-steps.ts'
import { openPrompts } from './init/prompts.ts'
import { topics } from './init/topics.ts'
import { createTrials } from './init/try-answers.ts'
import { findInTheWay, writeFiles } from './init/write-files.ts'
import { profileNames } from './probe/provider-profiles.ts'

interface Options extends InitFlags {
  readonly output: string
  readonly force?: boolean
  readonly yes?: boolean
  readonly json?: boolean
}

const MORE = `
At a terminal it asks what the options do not say. Elsewhere, and with --yes, it asks nothing: --url, --login with what
belongs to it, and --to are needed then. Secrets are named by their files, never written on the command line.

Each answer is tried: the form of addresses, the provider's discovery document, the client's secret, whether
the service and the stores answer.
Where nobody can be asked, an answer that fails its trial ends the command, unless --yes keeps it.

Exit codes: 0 written, 1 not written (a trial failed, a file is in the way), 2 misused or not enough said.

Examples:
  $ gatehouse init
  $ gatehouse init --output /etc/gatehouse/gatehouse.yaml
  $ gatehouse init --url https://gate.example.org --login oidc --issuer https://sso.example.org/realms/lab \\
      --client-id gatehouse --client-secret-file /run/secrets/oidc --to http://127.0.0.1:8081 --allow group:lab --json
`

/** Adds `init`. Exit codes: 0 written, 1 not written, 2 misused. */
export function addInitCommand(program: Command, context: CommandContext): void {
  program
    .command('init')
    .description('Make a configuration: five questions, each answer tried at once.')
    .option('--url <url>', 'the address that people open')
    .addOption(new Option('--login <how>', 'how people log in').choices(Object.keys(LOGIN_IDS)))
    .option('--issuer <url>', 'the issuer of the OpenID provider')
    .addOption(new Option('--profile <kind>', 'what kind of OpenID provider it is').choices(profileNames))
    .option('--authorization-url <url>', 'with oauth2: where the provider begins a login')
    .option('--token-url <url>', 'with oauth2: where it hands out tokens')
    .option('--userinfo-url <url>', 'with oauth2: where it says whose a token is')
    .option('--subject <field>', 'with oauth2: the field of that answer which names a person for ever')
    .option('--client-id <id>', 'how the provider calls the gateway')
    .option('--client-secret-file <file>', 'the file that holds the client secret')
    .option('--endpoint <url>', 'the Backend.AI Manager, or the login call of the facility’s service')
    .option('--path <path>', 'the path under which people find the service')
    .option('--to <url>', 'where the service behind the door is')
    .option('--allow <who>', 'who may use it: authenticated, or group:NAME')
    .addOption(new Option('--state <where>', 'where state is kept').choices(['embedded', 'servers']))
    .option('--redis <url>', 'with --state servers: where Redis is')
    .option('--redis-password-file <file>', 'the file that holds its password')
    .option('--database <url>', 'with --state servers: where the database is, and as whom')
    .option('--database-password-file <file>', 'the file that holds its password')
    .option('-o, --output <file>', 'where to write the configuration; secrets go beside it', DEFAULT_CONFIG_FILE)
    .option('--force', 'replace files that exist')
    .option('-y, --yes', 'ask nothing, and keep answers whose trial fails')
    .option('--json', 'print what was written and what to register as JSON')
    .addHelpText('after', MORE)
    .action((options: Options, command: Command) => runInit(options, command, context))
}

async function runInit(given: Options, command: Command, context: CommandContext): Promise<void> {
  const options = withAbsoluteFiles(given, context.cwd)
  const prompts = options.yes === true ? undefined : await openPrompts(context)
  const missing = prompts === undefined ? findMissing(options) : []
  if (missing.length > 0) {
    const why = options.yes === true ? 'with --yes nothing is asked' : 'there is no terminal to ask at'
    command.error(`error: ${why}; say ${missing.join(', ')}`, { exitCode: 2 })
  }
  refuseToReplace(context, options, {})
  const collected = await collect(options, createTrials(context, options.output), prompts)
  const failed = collected.tried.filter(({ outcome }) => !outcome.ok)
  if (prompts === undefined && options.yes !== true && failed.length > 0) refuse(context, options, failed)
  refuseToReplace(context, options, collected.answers)
  const draft = checkDraft(context, options, collected.answers)
  const needsKeyRing = collected.answers.state.type === 'servers'
  const files = writeFiles({ cwd: context.cwd, ...draft, needsKeyRing })
  tell(context, options, collected, files)
}

/** Whoever types the name of a file means the working directory; the configuration, its own. */
function withAbsoluteFiles(options: Options, cwd: string): Options {
  const keys = ['clientSecretFile', 'redisPasswordFile', 'databasePasswordFile'] as const
  const absolute = keys.flatMap((key) => {
    const file = options[key]
    return file === undefined ? [] : [[key, resolve(cwd, file)] as const]
  })
  return { ...options, ...Object.fromEntries(absolute) }
}

const describeTried = ({ question, outcome }: TriedAnswer) => ({ question, ...outcome })

function refuse(context: CommandContext, { json }: Options, failed: readonly TriedAnswer[]): never {
  if (json === true) context.print(toJson({ written: [], tried: failed.map(describeTried) }))
  else {
    for (const { question, outcome } of failed) {
      context.printError(`${topics[question].name}: ${outcome.what}${outcome.ok ? '' : `\n  fix: ${outcome.fix}`}`)
    }
    context.printError('Nothing was written. --yes writes it all the same.')
  }
  throw new CommandExit(1)
}

function refuseToReplace(context: CommandContext, { output, force }: Options, answers: Partial<Answers>): void {
  const inTheWay = findInTheWay({ cwd: context.cwd, file: output, secrets: toSecretFiles(answers) })
  if (force === true || inTheWay.length === 0) return
  context.printError(`There is ${inTheWay.join(' and ')} already. Nothing was written.`)
  context.printError('Write elsewhere with --output, or replace what is there with --force.')
  throw new CommandExit(1)
}

/** What `config check` will say, before anything is written. */
function checkDraft(context: CommandContext, { output, json }: Options, answers: Answers) {
  const draft = { file: output, text: toConfigText(answers), secrets: toSecretFiles(answers) }
  const loaded = loadDraft(context, draft)
  if (loaded.ok) return draft
  if (json === true) context.print(toJson({ written: [], problems: loaded.problems.map(problemAsJson) }))
  else for (const problem of loaded.problems) context.printError(`${formatProblem(problem)}\n`)
  context.printError('The answers make no configuration that could be used. Nothing was written.')
  throw new CommandExit(1)
}

function tell(
  context: CommandContext,
  options: Options,
  { answers, tried }: Collected,
  files: readonly string[],
): void {
  const next = toNextSteps(answers, options.output)
  if (options.json === true) {
    context.print(toJson({ written: files, tried: tried.map(describeTried), ...next }))
    return
  }
  for (const { question, outcome } of tried) {
    if (!outcome.ok) context.printError(`warning: ${topics[question].name}: ${outcome.what}; to do: ${outcome.fix}`)
  }
  context.print(`Written: ${files.join(', ')}\nThe configuration is right.\n\n${describeNextSteps(next)}`)
}

const toJson = (value: unknown): string => JSON.stringify(value, undefined, 2)
