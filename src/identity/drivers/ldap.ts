// Login at an LDAP directory: the account of this gateway finds the person's entry, and the person's own password opens
// it. The person is the entry's identifier, never a name or an address, which are given to others again.

import { type GatewayError, sleep } from '#kernel'
import { type DriverDeps, defineDriver, type PasswordProvider, type Proof, type Verification } from '../provider.ts'
import { providerAway } from '../provider-away.ts'
import { type LdapConfig, ldapConfig } from './ldap/config.ts'
import { abortable, createConnect } from './ldap/connection.ts'
import { createDirectory, type Directory } from './ldap/directory.ts'
import { subjectOf, textOf } from './ldap/entry.ts'
import { describeLdapFailure, LdapFault } from './ldap/failure.ts'
import { verifiedEmail } from './oauth/claims.ts'
import { isUsableName, isUsablePassword } from './usable-form.ts'

export const ldapDriver = defineDriver({ type: 'ldap', config: ldapConfig, create: createLdapProvider })

/** For everything that one login asks. */
const LOGIN_MS = 9_000
/**
 * Refusals are given at multiples of this after the beginning. How long a directory takes to look at a password, and not
 * to look at one, would otherwise tell which names it knows.
 */
const REFUSAL_STEP_MS = 200

function createLdapProvider(config: LdapConfig, { clock }: DriverDeps): PasswordProvider {
  const label = config.label ?? config.id
  const connect = createConnect(config, clock)

  const prove = async (directory: Directory, username: string, password: string): Promise<Proof | undefined> => {
    await directory.enter()
    const entry = await directory.findPerson(username)
    const isRight = await directory.checkPassword(entry, password)
    if (entry === undefined || !isRight) return undefined
    const subject = subjectOf(entry, config.people.subject)
    const name = textOf(entry, config.people.username)
    if (subject === undefined || name === undefined) {
      throw new LdapFault(`an entry without ${subject === undefined ? config.people.subject : config.people.username}`)
    }
    if (config.groups?.type === 'search') await directory.enter()
    const groups = await directory.findGroups(entry)
    const email = verifiedEmail({ email: textOf(entry, config.people.email), email_verified: true }, 'email')
    const identity = {
      provider: config.id,
      issuer: `ldap:${config.people.base}`,
      subject,
      username: name,
      displayName: textOf(entry, config.people.displayName) ?? name,
      ...(email !== undefined && { email }),
      groups: groups.map((group) => config.groupsPrefix + group),
    }
    return { identity }
  }

  const ask = async (username: string, password: string): Promise<Proof | undefined> => {
    const signal = AbortSignal.timeout(LOGIN_MS)
    const connection = await connect(signal)
    try {
      const directory = await createDirectory(config, connection.client)
      return await abortable(prove(directory, username, password), signal)
    } finally {
      connection.close()
    }
  }

  const unavailable = (error: unknown): GatewayError => providerAway({ label, reason: describeLdapFailure(error) })

  return Object.freeze({
    kind: 'password',
    id: config.id,
    type: 'ldap',
    label,
    yieldsCredential: false,

    async verify({ username, password }): Promise<Verification> {
      const name = username.trim()
      // An empty password would be a login as nobody, which directories answer with a yes (RFC 4513 §5.1.2).
      if (!isUsableName(name) || !isUsablePassword(password)) return REFUSED
      const startedAt = clock.monotonicMs()
      let proof: Proof | undefined
      try {
        proof = await ask(name, password)
      } catch (error) {
        throw unavailable(error)
      }
      if (proof !== undefined) return { kind: 'proven', proof }
      await sleep(clock, REFUSAL_STEP_MS - ((clock.monotonicMs() - startedAt) % REFUSAL_STEP_MS))
      return REFUSED
    },
  } satisfies PasswordProvider)
}

const REFUSED: Verification = { kind: 'refused', reason: 'credentials' }
