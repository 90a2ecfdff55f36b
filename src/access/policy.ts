// Policies: ordered rules, the first whose method and path match decides, none matching refuses.
// Compiled when the configuration is read; every decision exists beforehand, so that deciding allocates nothing.
// Called by the mounts of proxy and site, once per request, and by `gatehouse explain`.

import { z } from 'zod'
import type { CompiledPolicy, PolicyDecision, PolicyRule, Principal } from './access.ts'
import { type AllowList, allowSchema, compileAllow } from './allow.ts'
import { compilePaths, findPatternFault, type PathMatcher } from './path-pattern.ts'
import { otherReadings } from './readings.ts'

const methodSchema = z.string().regex(/^[A-Z]+$/, { error: 'methods are written in capital letters: GET, POST' })

const pathSchema = z
  .string()
  .superRefine((pattern, check) => {
    const fault = findPatternFault(pattern)
    if (fault !== undefined) check.addIssue({ code: 'custom', message: fault })
  })
  .meta({ examples: ['/folders/*', '/admin/**'] })

/** The rules of an upstream: where a single `allow` for everything is too coarse. */
export const policyRulesSchema = z
  .array(
    z.strictObject({
      methods: z
        .array(methodSchema)
        .min(1)
        .optional()
        .describe('Methods that this rule covers; GET covers HEAD. All methods if absent.')
        .meta({ examples: [['GET', 'POST']] }),
      paths: z
        .array(pathSchema)
        .min(1)
        .optional()
        .describe('Paths below the path of the upstream: `*` is one segment, `**` the rest. All paths if absent.')
        .meta({ examples: [['/admin/**']] }),
      allow: allowSchema.describe('Who may do what this rule covers.'),
    }),
  )
  .min(1)
  .meta({
    title: 'Rules',
    description: 'Tried in order: the first whose method and path match decides; what none covers is refused.',
  })

interface CompiledRule {
  readonly covers: (method: string, path: string) => boolean
  readonly allow: AllowList<PolicyDecision>
  readonly refusal: PolicyDecision
  readonly strangerRefusal: PolicyDecision
}

/**
 * @param owner names the policy to people: the upstream's or site's id.
 * @param contact whom to ask, as the operator wrote it.
 */
export function compilePolicy(owner: string, rules: readonly PolicyRule[], contact?: string): CompiledPolicy {
  const compiled = rules.map((rule, index) => compileRule(owner, rule, index, contact))
  const uncovered = refuse({
    because: `No rule of ${owner} covers this method and path, and what no rule covers is refused.`,
    contact,
  })

  const firstCovering = (method: string, path: string, end: number): number => {
    for (let index = 0; index < end; index++) if (compiled[index]?.covers(method, path)) return index
    return -1
  }

  /** The refusal of an earlier rule that would decide if the server behind read the path in another way. */
  const findGuard = (method: string, path: string, end: number, principal: Principal | undefined) => {
    for (const reading of otherReadings(path)) {
      const rule = compiled[firstCovering(method, reading, end)]
      if (rule !== undefined && rule.allow(principal) === undefined) return refusalOf(rule, principal)
    }
    return undefined
  }

  return Object.freeze({
    decide({ method, path }: { readonly method: string; readonly path: string }, principal: Principal | undefined) {
      const index = firstCovering(method, path, compiled.length)
      const rule = compiled[index]
      if (rule === undefined) return uncovered
      const granted = rule.allow(principal)
      if (granted === undefined) return refusalOf(rule, principal)
      return (index > 0 ? findGuard(method, path, index, principal) : undefined) ?? granted
    },
  })
}

const refusalOf = (rule: CompiledRule, principal: Principal | undefined): PolicyDecision =>
  principal === undefined ? rule.strangerRefusal : rule.refusal

function compileRule(owner: string, rule: PolicyRule, index: number, contact: string | undefined): CompiledRule {
  const name = `rule ${index + 1} of ${owner} (${describeScope(rule)})`
  const place = rule.place !== undefined && { place: rule.place }
  const facts = { rule: name, missing: rule.allow, contact, ...place }
  return {
    covers: compileScope(rule),
    allow: compileAllow(
      rule.allow,
      (entry): PolicyDecision => Object.freeze({ allow: true, rule: `${name}: ${entry}`, ...place }),
    ),
    refusal: refuse({ ...facts, because: `${capitalised(name)} ${describeAllowed(rule.allow)}` }),
    strangerRefusal: refuse({
      ...facts,
      because: `${capitalised(name)} lets only people in who are logged in.`,
      loginMayHelp: rule.allow.length > 0,
    }),
  }
}

function compileScope(rule: PolicyRule): (method: string, path: string) => boolean {
  const matchesPath: PathMatcher = rule.paths === undefined ? () => true : compilePaths(rule.paths)
  if (rule.methods === undefined) return (_method, path) => matchesPath(path)
  const methods = new Set(rule.methods)
  // HEAD is GET without the content (RFC 9110 §9.3.2): whoever guards one guards the other.
  if (methods.has('GET')) methods.add('HEAD')
  return (method, path) => methods.has(method) && matchesPath(path)
}

interface Refusal {
  readonly because: string
  readonly contact: string | undefined
  readonly rule?: string
  readonly place?: string
  readonly missing?: readonly string[]
  readonly loginMayHelp?: boolean
}

const refuse = ({ because, contact, rule, place, missing = [], loginMayHelp = false }: Refusal): PolicyDecision =>
  Object.freeze({
    allow: false,
    because: contact === undefined ? because : `${because} Whom to ask: ${contact}`,
    loginMayHelp,
    missing: Object.freeze([...missing]),
    ...(rule !== undefined && { rule }),
    ...(place !== undefined && { place }),
  })

const describeScope = ({ methods, paths }: PolicyRule): string =>
  `${methods?.join(', ') ?? 'every method'}, ${paths?.join(', ') ?? 'every path'}`

/** Names the groups, which the person can ask for, and never the other people whom the rule lists. */
function describeAllowed(allow: readonly string[]): string {
  if (allow.length === 0) return 'lets nobody in.'
  const groups = allow.filter((entry) => entry.startsWith('group:')).map((entry) => entry.slice('group:'.length))
  if (groups.length === 0) return 'lets in only people named there, and your account is not among them.'
  if (groups.length === 1) return `needs the group ${groups[0]}, and your account is not in it.`
  return `needs one of the groups ${groups.join(', ')}, and your account is in none of them.`
}

const capitalised = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)
