// What is asked of a directory during one login: the person's entry by the name that was typed, their password, their
// groups. Values go into filters as values (RFC 4511 §4.5.1.7), never as text that would be read as a filter.

import type { Client, Entry, Filter } from 'ldapts'
import { toPrintable } from '../../printable.ts'
import type { LdapConfig } from './config.ts'
import { nameBelow, parseDn } from './dn.ts'
import { textOf, textsOf } from './entry.ts'
import { LdapFault, toResultCode } from './failure.ts'

export interface Directory {
  /** @throws LdapFault if the account that looks people up is refused */
  enter(): Promise<void>
  /** The one entry of that name; undefined if there is none or more than one. */
  findPerson(username: string): Promise<Entry | undefined>
  /** Whether the password is that of the entry, or of nobody. Afterwards the connection is that person's. */
  checkPassword(entry: Entry | undefined, password: string): Promise<boolean>
  /** Names of groups, as the directory writes them. Needs `enter` before. */
  findGroups(entry: Entry): Promise<readonly string[]>
}

const SEARCH_SECONDS = 5
const MAX_GROUPS = 1000

/**
 * These say that this person may not log in like this: noSuchObject, invalidCredentials, inappropriateAuthentication (no
 * password is set), insufficientAccessRights, unwillingToPerform and constraintViolation (locked).
 */
const REFUSALS: ReadonlySet<number> = new Set([19, 32, 48, 49, 50, 53])

export async function createDirectory(config: LdapConfig, client: Client): Promise<Directory> {
  const { AndFilter, EqualityFilter, FilterParser } = await import('ldapts')
  const { people, groups, bind } = config
  const isEqual = (attribute: string, value: string): Filter => new EqualityFilter({ attribute, value })

  const peopleFilter = (): Filter => {
    try {
      return FilterParser.parseString(people.filter)
    } catch {
      throw new LdapFault('people.filter cannot be read')
    }
  }

  const searchGroups = async (attribute: string, member: string, base: string): Promise<readonly string[]> => {
    const { searchEntries } = await client.search(base, {
      scope: 'one',
      filter: isEqual(attribute, member),
      attributes: ['1.1'],
      sizeLimit: MAX_GROUPS,
      timeLimit: SEARCH_SECONDS,
    })
    return searchEntries.map(({ dn }) => dn)
  }

  return {
    async enter() {
      if (bind === undefined) return
      try {
        await client.bind(bind.dn, bind.password.reveal())
      } catch (error) {
        const code = toResultCode(error)
        throw code === undefined ? error : new LdapFault(`the account of this gateway is refused (result code ${code})`)
      }
    },

    async findPerson(username) {
      // Referrals to other servers come as references, and are left alone: they would be told the password.
      const { searchEntries } = await client.search(people.base, {
        scope: 'sub',
        filter: new AndFilter({ filters: [peopleFilter(), isEqual(people.username, username)] }),
        attributes: [
          people.username,
          people.subject,
          people.displayName,
          people.email,
          ...(groups?.type === 'memberOf' ? ['memberOf'] : []),
        ],
        explicitBufferAttributes: people.subject === 'objectGUID' ? [people.subject] : [],
        // Enough to see that a name is not one person's.
        sizeLimit: 2,
        timeLimit: SEARCH_SECONDS,
      })
      const [entry, ...more] = searchEntries
      return more.length === 0 && entry?.dn !== '' ? entry : undefined
    },

    async checkPassword(entry, password) {
      // Who does not exist is asked about like everybody else.
      const dn = entry?.dn ?? `${people.username}=nobody-here,${people.base}`
      try {
        await client.bind(dn, password)
      } catch (error) {
        if (REFUSALS.has(toResultCode(error) ?? -1)) return false
        throw error
      }
      return entry !== undefined
    },

    async findGroups(entry) {
      if (groups === undefined) return []
      const base = parseDn(groups.base) ?? []
      const member = groups.type === 'search' && groups.holds === 'username' ? textOf(entry, people.username) : entry.dn
      const dns =
        groups.type === 'memberOf'
          ? textsOf(entry, 'memberOf')
          : member === undefined
            ? []
            : await searchGroups(groups.memberAttribute, member, groups.base)
      const names = dns.flatMap((dn) => nameBelow(base, 'cn', dn) ?? [])
      return [...new Set(names)].filter((name) => toPrintable(name, 255) === name).slice(0, MAX_GROUPS)
    },
  }
}
