// `gatehouse explain USER METHOD PATH`: what the gateway would decide, by which rule, and what is missing.
// Asks the very decision that requests get (`access.decide`), with the stores but without a request.

import type { Command } from 'commander'
import type { Access, Principal } from '#access'
import {
  type AppHost,
  type AppHosts,
  type Decision,
  isRefusal,
  type Mount,
  parseTarget,
  type RequestContext,
  type Route,
  type Target,
} from '#http'
import type { UserId } from '#kernel'
import type { GatewayConfig } from '../modules.ts'
import { type CommandContext, CommandExit, collect, readConfig, withConfigOption } from './command-context.ts'

/** A gateway whose stores are open and which does not listen. */
export interface ExplainedGateway {
  readonly access: Pick<Access, 'users' | 'principalOf' | 'decide' | 'current' | 'contact' | 'reload'>
  /** What the edge would find: routes of our own first, then the mount with the longest prefix. */
  readonly find: (method: string, path: string, host?: AppHost) => { readonly route?: Route; readonly mount?: Mount }
  /** Takes the base path off a raw request target. */
  readonly belowBase: (requestTarget: string) => string
  readonly hosts: AppHosts
  readonly close: () => Promise<void>
}

export interface ExplainDeps {
  readonly context: CommandContext
  readonly open: (config: GatewayConfig) => Promise<ExplainedGateway>
}

const EXIT_REFUSED = 3
const EXIT_NOTHING_THERE = 4

const EXAMPLES = `
USER is a user id, provider/subject, a username that only one user has, or "anonymous".
Groups are those of the user's last login; --group asks what if they had more.

Exit codes: 0 allowed, 3 refused, 4 nothing answers at this path.

Examples:
  $ gatehouse explain ada GET /api/manager/folders
  $ gatehouse explain sso/8f2c41 DELETE /api/manager/folders/7 --group staff
  $ gatehouse explain anonymous GET https://gate.example.org/docs/ --json
`

interface ExplainOptions {
  readonly config?: readonly string[]
  readonly group?: readonly string[]
  readonly json?: boolean
}

export function addExplainCommand(program: Command, { context, open }: ExplainDeps): void {
  withConfigOption(program.command('explain'))
    .description('Say whether a user may send a request, by which rule, and what is missing.')
    .argument('<user>', 'whose request it would be')
    .argument('<method>', 'GET, POST …')
    .argument('<path>', 'a path as in the address bar, or the whole address')
    .option('-g, --group <name>', 'as if the user were in this group too; repeat it for several', collect)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action(async (user: string, method: string, path: string, options: ExplainOptions) => {
      const gateway = await open(await readConfig(context, options.config))
      try {
        const who = await identify(gateway, user, options.group ?? [])
        if (who === undefined) {
          context.printError(`No user is called "${user}", or more than one is. Use provider/subject, or "anonymous".`)
          throw new CommandExit(1)
        }
        const explanation = explain(gateway, who, method.toUpperCase(), path)
        context.print(options.json ? JSON.stringify(explanation) : describe(explanation))
        context.setExitCode(exitCodes[explanation.decision])
      } finally {
        await gateway.close()
      }
    })
}

interface Asker {
  /** Absent for a stranger. */
  readonly principal?: Principal
  readonly note?: string
  readonly isDisabled: boolean
}

interface Explanation {
  readonly decision: 'allowed' | 'refused' | 'nothing-there'
  readonly method: string
  readonly path: string
  readonly user: { readonly name: string; readonly groups: readonly string[]; readonly isAdmin: boolean } | null
  readonly note?: string
  readonly answeredBy?: string
  readonly rule?: string
  readonly because?: string
  /** Each of these alone would be enough. */
  readonly missing?: readonly string[]
}

const exitCodes: Readonly<Record<Explanation['decision'], number>> = {
  allowed: 0,
  refused: EXIT_REFUSED,
  'nothing-there': EXIT_NOTHING_THERE,
}

/** Host and what stands after it, byte for byte: parsing it as a URL would resolve what the edge refuses. */
function addressOf({ hosts }: ExplainedGateway, text: string): { readonly path: string; readonly host?: AppHost } {
  const [, header, path = ''] = /^https?:\/\/([^/?#]*)(.*)$/is.exec(text) ?? []
  const host = hosts.find(header)
  return host === undefined ? { path: header === undefined ? text : path } : { path, host }
}

async function identify(
  gateway: ExplainedGateway,
  name: string,
  groups: readonly string[],
): Promise<Asker | undefined> {
  const { users, principalOf, reload } = gateway.access
  await reload()
  if (name === 'anonymous') return { isDisabled: false }
  const user = await users.find(name)
  if (user !== undefined) {
    const isDisabled = user.disabledAt !== undefined || user.approval === 'refused'
    return { principal: principalOf(user, [...user.groups, ...groups]), isDisabled }
  }
  const [, provider, subject] = /^([^/]+)\/(.+)$/s.exec(name) ?? []
  if (provider === undefined || subject === undefined) return undefined
  const stranger = { id: name as UserId, provider, subject, username: subject, displayName: subject, groups }
  const principal = principalOf({ ...stranger, approval: 'approved', createdAt: 0, lastLoginAt: 0 })
  return { principal, isDisabled: false, note: 'has never logged in here; only the groups given count' }
}

function explain(gateway: ExplainedGateway, who: Asker, method: string, address: string): Explanation {
  const { path, host } = addressOf(gateway, address)
  const facts = { method, path, user: summaryOf(who.principal), ...(who.note !== undefined && { note: who.note }) }
  const target = parseTarget(host === undefined ? gateway.belowBase(path) : path)
  if (isRefusal(target)) {
    return { ...facts, decision: 'refused', because: `The address could be read in two ways: ${target.reason}.` }
  }
  const found = gateway.find(method, target.path, host)
  const decision = decide(gateway, who.principal, { method, target, ...found })
  if (decision === undefined) return { ...facts, decision: 'nothing-there' }
  const answeredBy = found.route === undefined ? nameOf(found.mount) : `Gatehouse itself (${found.route.path})`
  if (who.isDisabled) {
    return { ...facts, answeredBy, decision: 'refused', because: 'The account is disabled.' }
  }
  if (decision.allow) return { ...facts, answeredBy, decision: 'allowed', rule: decision.rule }
  return { ...facts, answeredBy, decision: 'refused', because: decision.because, ...lackOf(decision) }
}

interface Asked {
  readonly method: string
  readonly target: Target
  readonly route?: Route
  readonly mount?: Mount
}

function decide({ access }: ExplainedGateway, principal: Principal | undefined, asked: Asked): Decision | undefined {
  // Of a request, a decision reads what is given here.
  const ctx = { ...asked } as unknown as RequestContext
  access.current.set(ctx, principal)
  return access.decide(ctx)
}

const summaryOf = (principal: Principal | undefined): Explanation['user'] =>
  principal === undefined
    ? null
    : {
        name: `${principal.username} (${principal.provider}/${principal.subject})`,
        groups: principal.groups,
        isAdmin: principal.isAdmin,
      }

const nameOf = (mount: Mount | undefined): string =>
  mount === undefined ? '' : `${mount.id} (${mount.host ?? ''}${mount.prefix})`

/** Policies say more of a refusal than the rest of the gateway needs to know. */
function lackOf(decision: Decision): Pick<Explanation, 'rule' | 'missing'> {
  const rule = 'rule' in decision && typeof decision.rule === 'string' ? { rule: decision.rule } : {}
  const missing = 'missing' in decision && Array.isArray(decision.missing) ? decision.missing.map(String) : []
  return { ...rule, ...(missing.length > 0 && { missing }) }
}

function describe(explanation: Explanation): string {
  const { user, note } = explanation
  const lines: readonly (readonly [string, string | undefined])[] = [
    ['decision', DECISIONS[explanation.decision]],
    ['answered by', explanation.answeredBy],
    ['user', user === null ? 'a stranger' : user.name],
    ['note', note],
    ['groups', user === null ? undefined : user.groups.join(', ') || 'none'],
    ['rule', explanation.rule],
    ['because', explanation.because],
    ['missing', explanation.missing?.join(' or ')],
  ]
  const shown = lines.filter(([, text]) => text !== undefined).map(([name, text]) => `  ${name.padEnd(12)}${text}`)
  return [`${explanation.method} ${explanation.path}`, ...shown].join('\n')
}

const DECISIONS: Readonly<Record<Explanation['decision'], string>> = {
  allowed: 'allowed',
  refused: 'refused',
  'nothing-there': 'nothing answers at this path (404)',
}
