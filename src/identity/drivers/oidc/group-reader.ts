// Where a person's groups are read: in what is signed (the ID token, then the access token of a provider that signs its
// own), else at the userinfo endpoint; or in a list that the provider keeps for its API.

import * as oidc from 'openid-client'
import { type Clock, GatewayError } from '#kernel'
import type { Renewal } from '../../provider.ts'
import { providerAway } from '../../provider-away.ts'
import type { Claims } from '../oauth/claims.ts'
import { describeFailure } from '../oauth/failure.ts'
import { unlessAway } from '../oauth/refresh-error.ts'
import type { Tokens } from '../oauth/tokens.ts'
import { readAccessToken } from './access-token.ts'
import type { OidcConfig } from './config.ts'
import type { OpenProvider } from './discovery.ts'
import { listGitLabGroups } from './gitlab-groups.ts'
import { groupsOf, onlyGroups, type Reading, speaksOfAllGroups, toGroups } from './profile.ts'
import { TokenFault } from './signed-token.ts'

export interface GroupReader {
  /** The claims about groups that the access token holds; none where they do not count. @throws login.notProven */
  signed(provider: OpenProvider, tokens: Tokens, subject: string): Promise<Claims>
  /** The groups of the provider's own list, where the configuration says so. */
  listed(provider: OpenProvider, tokens: Tokens): Promise<readonly string[] | undefined>
  /** What a refresh says of groups, at once or once its tokens are kept. */
  afterRefresh(
    provider: OpenProvider,
    tokens: Tokens,
    person: Refreshed,
  ): Promise<Pick<Renewal, 'groups' | 'askGroups'>>
}

interface Refreshed {
  /** Of the new ID token, if there is one. */
  readonly claims: Claims | undefined
  readonly subject: string
}

interface Deps {
  readonly reading: Reading
  readonly clock: Clock
  readonly notProven: (reason: string) => GatewayError
}

export function createGroupReader(config: OidcConfig, { reading, clock, notProven }: Deps): GroupReader {
  const label = config.label ?? config.id

  const accessClaims = async ({ keys }: OpenProvider, tokens: Tokens, subject: string): Promise<Claims | undefined> => {
    if (!reading.profile.readsAccessToken) return undefined
    const loginKeys = (lacksKey: boolean) => keys({ purpose: 'login', lacksKey })
    try {
      const claims = await readAccessToken(tokens.access_token, subject, {
        config,
        keys: loginKeys,
        nowMs: clock.now(),
      })
      return claims && onlyGroups(reading, claims)
    } catch (error) {
      if (error instanceof TokenFault) throw notProven(`the access token: ${error.message}`)
      // The keys could not be had.
      throw providerAway({ label, reason: describeFailure(error) })
    }
  }

  const listed: GroupReader['listed'] = async ({ configuration }, tokens) => {
    if (config.groupsFrom === 'claims') return undefined
    const owner = { issuer: config.issuer, accessToken: tokens.access_token }
    const paths = await listGitLabGroups(configuration, owner)
    return toGroups(reading.profile, paths)?.map((name) => config.groupsPrefix + name)
  }

  /** Uses the new access token, so that it must have been kept before. */
  const asking = (ask: () => Promise<readonly string[]>) => () => unlessAway(ask, { label, clock })

  return Object.freeze({
    signed: async (provider: OpenProvider, tokens: Tokens, subject: string) =>
      (await accessClaims(provider, tokens, subject)) ?? {},
    listed,

    async afterRefresh(provider: OpenProvider, tokens: Tokens, { claims, subject }: Refreshed) {
      if (config.groupsFrom === 'api') return { askGroups: asking(async () => (await listed(provider, tokens)) ?? []) }
      let access: Claims | undefined
      try {
        access = await accessClaims(provider, tokens, subject)
      } catch (error) {
        // The new refresh token must not be lost for it: the next refresh looks again.
        if (error instanceof GatewayError && error.code === 'login.providerUnavailable') return {}
        throw error
      }
      const known = { ...access, ...claims }
      const { metadata, configuration } = provider
      if (config.userinfo && metadata.userinfo_endpoint !== undefined && !speaksOfAllGroups(reading, known)) {
        return {
          askGroups: asking(async () => {
            const userinfo = await oidc.fetchUserInfo(configuration, tokens.access_token, subject)
            return groupsOf(reading, { ...userinfo, ...known }) ?? []
          }),
        }
      }
      // Many leave an empty claim out; but a refresh without any token to read has said nothing.
      const groups = groupsOf(reading, known) ?? (claims === undefined && access === undefined ? undefined : [])
      return groups === undefined ? {} : { groups }
    },
  })
}
