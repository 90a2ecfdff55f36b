// What differs between the releases of the Web UI and the Manager that are stood between, as named switches.
// The sections named are those of the protocol's description. Nothing else may ask for the number of a release.

/** Releases, by the last of their line. */
export type ProfileName = '26.2' | '26.4' | '26.8'

export interface Profile {
  /** Of the webserver whose place is taken: told at `/func/ping` and `/health`, and to the Manager as User-Agent. */
  readonly version: string
  /** §1.2: the status of a login that the Manager refuses: always 200, or the Manager's own. */
  readonly failedLoginStatus: 'ok' | 'managers'
  /** §2.5: what counts as a failed login: any error of the Manager, or 401 only. */
  readonly countedFailures: 'any' | 'unauthorized'
  /**
   * §2.6: who names a session: we do, or the Manager does (`session_token`), which then shares its record (§2.2) and is told
   * of a logout (§1.5).
   */
  readonly sessionNamedBy: 'gateway' | 'manager'
  /** §1.1: which TOTP routes need no session. §10 #7: those of `all` include ones that cannot work without. */
  readonly anonymousTotp: 'all' | 'anon'
  /** §5.5: what is answered while no endpoint is healthy: the common 502, or a 503 of its own kind. */
  readonly noHealthyEndpoint: 502 | 503
  /** §6.3: `'nonce'` in a policy and `{{nonce}}` in index.html are replaced. */
  readonly cspNonce: boolean
  /** §1.8: `/livez` exists, and `/health` lists the endpoints of Manager and router. */
  readonly probes: boolean
  /** §4: GraphQL without a session is forwarded unsigned. Not so for WebSockets. */
  readonly anonymousGraphql: boolean
  /** §1.1: `/func/v2/NAME/public/NAME` is forwarded unsigned. */
  readonly publicRoutes: boolean
  /** §9.1: config.toml has `allowThemeMode` and `apiDomainName`. */
  readonly themeAndDomain: boolean
}

export const profiles: Readonly<Record<ProfileName, Profile>> = {
  '26.2': {
    version: '26.2.5',
    failedLoginStatus: 'ok',
    countedFailures: 'any',
    sessionNamedBy: 'gateway',
    anonymousTotp: 'all',
    noHealthyEndpoint: 502,
    cspNonce: false,
    probes: false,
    anonymousGraphql: false,
    publicRoutes: false,
    themeAndDomain: false,
  },
  '26.4': {
    version: '26.4.10',
    failedLoginStatus: 'managers',
    countedFailures: 'unauthorized',
    sessionNamedBy: 'manager',
    anonymousTotp: 'anon',
    noHealthyEndpoint: 503,
    cspNonce: true,
    probes: true,
    anonymousGraphql: false,
    publicRoutes: false,
    themeAndDomain: false,
  },
  '26.8': {
    version: '26.8.1',
    failedLoginStatus: 'managers',
    countedFailures: 'unauthorized',
    sessionNamedBy: 'manager',
    anonymousTotp: 'anon',
    noHealthyEndpoint: 503,
    cspNonce: true,
    probes: true,
    anonymousGraphql: true,
    publicRoutes: true,
    themeAndDomain: true,
  },
}
