// `gatehouse doctor`: looks at everything that can be wrong around a gateway, running or not, and says what to do about it.
// Changes nothing that lasts.

import { type Command, InvalidArgumentError } from 'commander'
import { createGateway } from '../gateway.ts'
import { type CommandContext, loadChecked, withConfigOption } from './command-context.ts'
import { checkEtcd } from './doctor/check-etcd.ts'
import { checkFiles } from './doctor/check-files.ts'
import { checkMachine } from './doctor/check-machine.ts'
import { checkMail } from './doctor/check-mail.ts'
import { checkProviders } from './doctor/check-providers.ts'
import { checkPublic } from './doctor/check-public.ts'
import { checkStores } from './doctor/check-stores.ts'
import { checkUpstreams } from './doctor/check-upstreams.ts'
import { type Check, type Finding, ok, type Patient, warning } from './doctor/finding.ts'
import { countOf, formatFindings } from './doctor/report.ts'

interface Options {
  readonly config?: readonly string[]
  readonly url?: string
  readonly stream?: string
  readonly json?: boolean
}

const MORE = `
It looks at the configuration, the machine, the files, the stores, the mail server, the login providers, the services behind the door, and
at the gateway as people reach it: cookie, WebSockets, bodies, streams, and the proxy in front. What does not answer is
given up after seconds. No secret is printed. Run it as the user that runs the gateway.

Exit codes: 0 no failure, 1 something failed, 2 misused. Warnings do not count.

Examples:
  $ gatehouse doctor --config gatehouse.yaml
  $ gatehouse doctor --url https://gate.example.org --stream /api/jobs/events
  $ gatehouse doctor --json | jq '.findings[] | select(.status == "failure")'
`

/** Stores first: what the gateway wrote there tells how the proxy in front speaks of clients. */
const checks: readonly Check[] = [
  checkMachine,
  checkFiles,
  checkStores,
  checkEtcd,
  checkMail,
  checkPublic,
  checkProviders,
  checkUpstreams,
]

export function addDoctorCommand(program: Command, context: CommandContext): void {
  withConfigOption(program.command('doctor'))
    .description('Look at everything that can be wrong around the gateway, and say what to do about it.')
    .option('--url <url>', 'where people reach the gateway, if not at server.url', parseUrl)
    .option('--stream <path>', 'an event stream behind the gateway that needs no login', parsePath)
    .option('--json', 'print JSON')
    .addHelpText('after', MORE)
    .action((options: Options) => runDoctor(options, context))
}

async function runDoctor(options: Options, context: CommandContext): Promise<void> {
  const loaded = await loadChecked(context, options.config)
  const gateway = createGateway({ config: loaded.config, logSink: () => undefined })
  const url = (options.url ?? loaded.config.server.url)?.replace(/\/+$/, '')
  const patient: Patient = { loaded, gateway, url, streamPath: options.stream }
  const findings: Finding[] = [...describeConfiguration(patient)]
  try {
    // One after the other: what is slow because of another check would be found slow.
    for (const check of checks) findings.push(...(await check(patient)))
  } finally {
    await gateway.stop()
  }
  const failed = countOf(findings, 'failure') > 0
  context.print(
    options.json === true ? JSON.stringify({ ok: !failed, findings }, undefined, 2) : formatFindings(findings),
  )
  if (failed) context.setExitCode(1)
}

const describeConfiguration = ({ loaded }: Patient): readonly Finding[] => [
  ok('configuration', 'it is right'),
  ...loaded.warnings
    .filter(({ kind }) => kind === 'dangerous')
    .map(({ message }) => warning('configuration', message.replace(/\.$/, ''), 'take it out where it is not needed')),
]

function parseUrl(text: string): string {
  if (/^https?:\/\//.test(text) && URL.canParse(text)) return text
  throw new InvalidArgumentError('It is an address such as https://gate.example.org.')
}

function parsePath(text: string): string {
  if (text.startsWith('/')) return text
  throw new InvalidArgumentError('It is a path below the address of the gateway, and starts with a slash.')
}
