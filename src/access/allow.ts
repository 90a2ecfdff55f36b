// Entries of `allow` lists: `group:NAME`, `user:PROVIDER/SUBJECT`, `authenticated`, `public`.
// Compiled into maps when the configuration is read; asked on every request; anything unreadable is refused at load.

import { z } from 'zod'
import { suggest } from '#config'
import type { Principal } from './access.ts'

const FORMS = 'group:NAME, user:PROVIDER/SUBJECT, authenticated or public'

/** `s` because a group's name is taken literally, whatever it holds. */
const ENTRY = /^(?:public|authenticated|group:.+|user:[^/]+\/.+)$/s
const PERSON_ENTRY = /^(?:group:.+|user:[^/]+\/.+)$/s

/** For `allow` of an upstream, a site or a rule. An empty list lets nobody in. */
export const allowSchema = z
  .array(
    z
      .string()
      .regex(ENTRY, {
        error: ({ input }) => `"${String(input)}" is not one of ${FORMS}${suggestionFor(String(input))}`,
      })
      .meta({ examples: ['group:lab'] }),
  )
  .meta({
    title: 'Who may',
    description: `Any of ${FORMS}. Everything after "group:" is the group's name, literally. An empty list lets nobody in.`,
    examples: [['group:lab'], ['public']],
  })

/** For `access.admins`: nobody becomes an admin by merely logging in. */
export const personsSchema = z
  .array(
    z
      .string()
      .regex(PERSON_ENTRY, {
        error: ({ input }) => `"${String(input)}" is neither group:NAME nor user:PROVIDER/SUBJECT`,
      })
      .meta({ examples: ['group:gatehouse-admins'] }),
  )
  .meta({ examples: [['group:gatehouse-admins'], ['user:sso/8f2c41']] })

/** The provider that an entry of one of these lists names; undefined if it names none. */
export const namedProvider = (entry: string): string | undefined => /^user:([^/]+)\//.exec(entry)?.[1]

/** Answers with what the matching entry grants, or undefined if none lets this principal in. */
export type AllowList<Grant> = (person: AllowedPerson | undefined) => Grant | undefined

/** What of a person an entry asks for. */
export type AllowedPerson = Pick<Principal, 'provider' | 'subject' | 'groups' | 'isPending'>

/** @param grantOf called once per entry, at load. */
export function compileAllow<Grant>(entries: readonly string[], grantOf: (entry: string) => Grant): AllowList<Grant> {
  const everybody = entries.includes('public') ? grantOf('public') : undefined
  const anyone = entries.includes('authenticated') ? grantOf('authenticated') : undefined
  const groups = new Map<string, Grant>()
  const users = new Map<string, Map<string, Grant>>()
  for (const entry of entries) {
    if (entry.startsWith('group:')) groups.set(entry.slice('group:'.length), grantOf(entry))
    if (entry.startsWith('user:')) addUser(users, entry, grantOf(entry))
  }
  return (principal) => {
    // Who waits for approval may do what strangers may.
    if (everybody !== undefined || principal === undefined || principal.isPending) return everybody
    return anyone ?? findGroup(groups, principal.groups) ?? users.get(principal.provider)?.get(principal.subject)
  }
}

/** Maps in maps rather than a joined key: no provider and subject can be mistaken for another pair. */
function addUser<Grant>(users: Map<string, Map<string, Grant>>, entry: string, grant: Grant): void {
  const slash = entry.indexOf('/')
  const provider = entry.slice('user:'.length, slash)
  const subjects = users.get(provider) ?? new Map<string, Grant>()
  users.set(provider, subjects.set(entry.slice(slash + 1), grant))
}

/** People may be in hundreds of groups, so theirs become a set, once per session; a rule names few. */
const heldGroups = new WeakMap<readonly string[], ReadonlySet<string>>()

function findGroup<Grant>(allowed: ReadonlyMap<string, Grant>, groups: readonly string[]): Grant | undefined {
  if (allowed.size === 0) return undefined
  const held = heldGroups.get(groups) ?? rememberGroups(groups)
  for (const [name, grant] of allowed) if (held.has(name)) return grant
  return undefined
}

function rememberGroups(groups: readonly string[]): ReadonlySet<string> {
  const held = new Set(groups)
  heldGroups.set(groups, held)
  return held
}

function suggestionFor(input: string): string {
  if (!/^[^:]+$/.test(input)) return ''
  return `; did you mean "${suggest(input, ['authenticated', 'public']) ?? `group:${input}`}"?`
}
