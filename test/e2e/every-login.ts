// A gateway with every way to log in that the demonstration has not, each with its real peer or a stand-in that speaks as it
// does, behind a server in front that logs people in itself. Who has an account at each of them is `ada`.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '#kernel'
import { startLab } from '../gateway/lab.ts'
import { ada, createRecords, startFacility } from '../support/facility/index.ts'
import { startGitLab } from '../support/gitlab/gitlab.ts'
import { createClient } from '../support/http-client.ts'
import {
  BASE,
  findFreePort,
  isMissing,
  type Missing,
  makeDirectory,
  removeDirectory,
  startSlapd,
} from '../support/programs.ts'
import { startSamlIdp } from '../support/saml-idp.ts'
import { startLoginFront } from './login-front.ts'

export interface EveryLogin {
  /** What people open: the server in front. */
  readonly url: string
  /** Of the provider of OAuth 2.0. */
  readonly codeHostingUrl: string
  /** Of the gateway's own accounts. */
  readonly local: { readonly username: string; readonly password: string }
  close(): Promise<void>
}

/** What the server in front adds once it has logged somebody in. */
export const FRONT_SECRET = 'CANARY-a-secret-that-only-the-front-server-has'

const CLIENT_SECRET = 'CANARY-a-client-secret-of-the-gateway'
const PEOPLE = `ou=people,${BASE}`

export async function startEveryLogin(): Promise<EveryLogin | Missing> {
  await using stack = new AsyncDisposableStack()
  const [port, inner] = [await findFreePort(), await findFreePort()]
  const front = await startLoginFront({
    port,
    gateway: `127.0.0.1:${inner}`,
    callbackPath: '/auth/callback/front',
    subjectHeader: 'X-Federation-Id',
    secret: FRONT_SECRET,
    account: ada,
  })
  if (isMissing(front)) return front
  stack.defer(() => front.stop())
  const { url } = front
  const slapd = await startSlapd({ isPublic: true })
  if (isMissing(slapd)) return slapd
  stack.defer(() => slapd.stop())
  const { username: uid, password: userPassword } = ada
  await slapd.add(`uid=${uid},${PEOPLE}`, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword })
  const facility = await startFacility(createRecords())
  stack.defer(() => facility.close())
  const idp = await startSamlIdp()
  stack.defer(() => idp.close())
  const application = {
    clientId: 'gatehouse',
    clientSecret: new Secret(CLIENT_SECRET),
    redirectUris: [`${url}/auth/callback/code`],
  }
  const gitlab = stack.use(await startGitLab({ applications: [application] }))

  const folder = stack.adopt(makeDirectory('every-login'), removeDirectory)
  const secretFile = (name: string, secret: string): { readonly file: string } => {
    const file = join(folder, name)
    writeFileSync(file, secret, { mode: 0o600 })
    return { file }
  }
  const config = {
    server: { url, listen: `127.0.0.1:${inner}`, trustedProxies: ['127.0.0.1'] },
    identity: [
      { id: 'local', type: 'local', label: 'Guests' },
      { id: 'office', type: 'facility', label: 'User office', login: `${facility.url}/login/` },
      {
        id: 'lab',
        type: 'ldap',
        label: 'Lab account',
        servers: [slapd.url],
        startTls: false,
        people: { base: PEOPLE },
      },
      {
        id: 'university',
        type: 'saml',
        label: 'University',
        issuer: idp.entityId,
        loginUrl: idp.loginUrl,
        certificates: [idp.certificateFile],
      },
      {
        id: 'code',
        type: 'oauth2',
        label: 'Code hosting',
        authorizationUrl: `${gitlab.url}/oauth/authorize`,
        tokenUrl: `${gitlab.url}/oauth/token`,
        userinfoUrl: `${gitlab.url}/api/v4/user`,
        clientId: 'gatehouse',
        clientSecret: secretFile('client-secret', CLIENT_SECRET),
        scopes: ['read_api'],
        claims: { subject: 'id', username: 'username' },
      },
      {
        id: 'front',
        type: 'trusted-header',
        label: 'Federation',
        from: ['127.0.0.1'],
        secret: secretFile('front-secret', FRONT_SECRET),
        headers: { subject: 'X-Federation-Id' },
      },
    ],
  }
  const lab = stack.use(await startLab({ config }))
  const local = await lab.account('ada')
  idp.register((await createClient(url).get('/auth/saml/university/metadata')).text)
  const running = stack.move()
  return { url, codeHostingUrl: gitlab.url, local, close: () => running.disposeAsync() }
}
