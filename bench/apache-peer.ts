// Apache with mod_auth_openidc and its sessions in Redis: another front door that does the same job. People log in at a
// real OpenID provider; each request is checked against the session and forwarded with headers that say who asks.

import { randomBytes } from 'node:crypto'
import { ask, cookiesOf } from '../test/gateway/ask.ts'
import { createAccounts, createProviderVisitor, startOidcProvider } from '../test/support/oidc-provider.ts'
import { findFreePort, isMissing, startApache, startOwnRedis } from '../test/support/programs.ts'
import type { Peer } from './peers.ts'
import { PREFIX, type Upstream } from './upstream.ts'

export interface ApachePeer extends Peer {
  /** The Cookie header of somebody who has logged in. */
  readonly cookie: string
}

const CALLBACK = '/oidc/callback'
const MODULES = ['proxy', 'proxy_http', 'authn_core', 'authz_user', 'auth_openidc']

export async function startApachePeer(upstream: Pick<Upstream, 'url'>): Promise<ApachePeer> {
  const redis = await startOwnRedis()
  if (isMissing(redis)) throw new Error(redis.missing)
  // The provider must know where Apache will be, and Apache where the provider is.
  const port = await findFreePort()
  const url = `http://127.0.0.1:${port}`
  const [account] = createAccounts()
  if (account === undefined) throw new Error('nobody can log in')
  const client = { clientId: 'apache', redirectUris: [url + CALLBACK] }
  const provider = await startOidcProvider({ accounts: [account], clients: [client] })
  const apache = await startApache({ modules: MODULES, package: 'libapache2-mod-auth-openidc', port }, () =>
    configuration({ url, upstream: upstream.url, issuer: provider.issuer, redisPort: redis.port }),
  )
  if (isMissing(apache)) throw new Error(apache.missing)
  const stop = async (): Promise<void> => {
    await apache.stop()
    await provider.close()
    await redis.stop()
  }
  try {
    // A browser: programs get a 401.
    const open = (path: string, cookie = '') =>
      ask({ host: '127.0.0.1', port, path, headers: { accept: 'text/html', cookie } })
    const begun = await open(`${PREFIX}small`)
    const authorizationUrl = begun.headers.location
    if (authorizationUrl === undefined) throw new Error(`Apache sends nobody to log in: ${begun.status}`)
    const callback = await createProviderVisitor(provider.issuer).login(authorizationUrl, account)
    const back = await open(callback.pathname + callback.search, cookiesOf(begun))
    const cookie = cookiesOf(back)
    const answer = await open(`${PREFIX}small`, cookie)
    if (answer.status !== 200) throw new Error(`nobody is logged in: ${back.status}, then ${answer.status}`)
    return { name: 'apache', url, pid: apache.pid, cookie, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

interface Places {
  readonly url: string
  readonly upstream: string
  readonly issuer: string
  readonly redisPort: number
}

const configuration = ({ url, upstream, issuer, redisPort }: Places): string => `
  KeepAlive On
  MaxKeepAliveRequests 0
  KeepAliveTimeout 75
  LogLevel error
  OIDCProviderMetadataURL ${issuer}/.well-known/openid-configuration
  OIDCClientID apache
  OIDCProviderTokenEndpointAuth none
  OIDCPKCEMethod S256
  OIDCScope "openid profile email groups"
  OIDCRedirectURI ${url}${CALLBACK}
  OIDCCryptoPassphrase ${randomBytes(32).toString('hex')}
  OIDCSessionType server-cache
  OIDCCacheType redis
  OIDCRedisCacheServer 127.0.0.1:${redisPort}
  <Location />
    AuthType openid-connect
    Require valid-user
  </Location>
  ProxyPass ${PREFIX} ${upstream}${PREFIX} keepalive=On
`
