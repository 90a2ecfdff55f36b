// A server in front of the gateway logs people in (Apache with Shibboleth or mod_auth_openidc, whatever sets REMOTE_USER)
// and says who they are in headers of the request that brings them back. Believed of the front server alone, and there only
// what has one reading; the attempt, its state and its browser are ours as with every other login.

import type { GatewayError } from '#kernel'
import { loginErrors } from '../errors.ts'
import { type DriverDeps, defineDriver, type Proof, type RedirectProvider } from '../provider.ts'
import { providerAway } from '../provider-away.ts'
import { loginTime } from './believed-login.ts'
import { FacilityFault } from './facility/call.ts'
import { createExchangeHash } from './facility/hash.ts'
import { parseTime } from './instant.ts'
import { isUsableSubject, toIdentity } from './stated-person.ts'
import { namesOf, type TrustedHeaderConfig, trustedHeaderConfig } from './trusted-header/config.ts'
import { createFrontServer } from './trusted-header/front-server.ts'
import { createHeaderReader, HeaderFault, type ReadHeader, splitList } from './trusted-header/read-headers.ts'

export const trustedHeaderDriver = defineDriver({
  type: 'trusted-header',
  config: trustedHeaderConfig,
  create: createTrustedHeaderProvider,
})

/** Of a person, with the party that vouches for the name. */
interface Named {
  readonly subject: string
  readonly issuer: string
}

function createTrustedHeaderProvider(config: TrustedHeaderConfig, { clock, urlTo }: DriverDeps): RedirectProvider {
  const label = config.label ?? config.id
  const { headers, exchange, loginUrl, freshLoginUrl, logoutUrl } = config
  const front = createFrontServer(config)
  const openHeaders = createHeaderReader(namesOf(config))
  const exchangeHash = exchange && createExchangeHash(exchange)

  const notProven = (reason: string): GatewayError => loginErrors.notProven({ label }, { internal: { reason } })

  /** The facility's answer alone says whose account it is: a name that came beside the hash is not even looked at. */
  const nameByHash = async (readHeader: ReadHeader): Promise<Named> => {
    const hash = readHeader(exchange?.header ?? '')
    if (exchange === undefined || hash === undefined) throw notProven('there is no hash')
    try {
      const subject = await exchangeHash?.(hash)
      if (subject === undefined) throw loginErrors.notLinked({ label })
      return { subject, issuer: exchange.url }
    } catch (error) {
      if (error instanceof FacilityFault) throw providerAway({ label, reason: error.message })
      throw error
    }
  }

  const nameByHeaders = (readHeader: ReadHeader): Named => {
    const name = readHeader(headers.subject ?? '')
    if (name === undefined) throw notProven('there is no subject')
    if (headers.issuer === undefined) return { subject: name, issuer: `front:${config.id}` }
    const issuer = readHeader(headers.issuer)
    // An entity id with the mark in it could make of two people one.
    if (issuer === undefined || issuer.includes(MARK)) throw notProven('there is no usable issuer')
    return { subject: name.startsWith(issuer + MARK) ? name : issuer + MARK + name, issuer }
  }

  /** When the person showed the front server who they are; undefined if it does not say. */
  const timeOf = (readHeader: ReadHeader): number | undefined => {
    const text = headers.authenticatedAt === undefined ? undefined : readHeader(headers.authenticatedAt)
    if (text === undefined) return undefined
    const ms = parseTime(text)
    if (ms === undefined) throw notProven('the time of the login is no time')
    if (ms > clock.now() + CLOCK_LEEWAY_MS) throw notProven('the login is from the future')
    return ms
  }

  const read = (rawHeaders: readonly string[]): ReadHeader => {
    try {
      return openHeaders(rawHeaders)
    } catch (error) {
      throw error instanceof HeaderFault ? notProven(error.message) : error
    }
  }

  return Object.freeze({
    kind: 'redirect',
    id: config.id,
    type: 'trusted-header',
    label,
    yieldsCredential: false,
    canBeFresh:
      config.dangerouslyBelieveFreshLogins || (headers.authenticatedAt !== undefined && freshLoginUrl !== undefined),
    frontHeaders: namesOf(config),

    async begin({ redirectUri, mustBeFresh = false }) {
      const address = mustBeFresh ? (freshLoginUrl ?? loginUrl) : loginUrl
      const urlFor = (state: string): string => {
        const target = withState(redirectUri, state)
        return address === undefined ? target : new URL(address + encodeURIComponent(target), redirectUri).href
      }
      return { urlFor, data: {} }
    },

    async complete({ url, rawHeaders, peer }, _data, state): Promise<Proof> {
      if (url.searchParams.get('state') !== state) throw notProven('the state is another one')
      const readHeader = read(rawHeaders)
      const fault = front.whyNot(peer, readHeader)
      if (fault !== undefined) throw notProven(fault)
      const { subject, issuer } = exchange === undefined ? nameByHeaders(readHeader) : await nameByHash(readHeader)
      if (!isUsableSubject(subject)) throw notProven('the subject is no usable name')
      const optional = (name: string | undefined) => (name === undefined ? undefined : readHeader(name))
      const identity = toIdentity({
        provider: config.id,
        issuer,
        subject,
        username: exchange === undefined ? optional(headers.username) : subject,
        displayName: optional(headers.displayName),
        email: optional(headers.email),
        groups: splitList(optional(headers.groups) ?? '', config.groupsSeparator),
        groupsPrefix: config.groupsPrefix,
      })
      return { identity, ...loginTime(timeOf(readHeader), config, clock) }
    },

    ...(logoutUrl !== undefined && {
      logoutUrl: async (_credential, { returnTo, state }) =>
        new URL(logoutUrl + encodeURIComponent(withState(returnTo, state)), urlTo('/')).href,
    }),
  } satisfies RedirectProvider)
}

/** How far the front server's clock, or that of who logs people in for it, may be ahead of ours. */
const CLOCK_LEEWAY_MS = 60_000

/** Stands between an issuer and the name of a person there, as in Shibboleth's persistent ids. */
const MARK = '!'

function withState(address: string, state: string): string {
  const url = new URL(address)
  url.searchParams.set('state', state)
  return url.href
}
