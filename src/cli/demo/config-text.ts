// The demo's configuration, as an operator would write it. It goes into the demo's folder and from there through the
// same checks as any other, so it is also the example that cannot go stale.

export interface DemoAddresses {
  /** What people open. */
  readonly url: string
  readonly issuer: string
  readonly managerUrl: string
  readonly echoUrl: string
}

/** The first line, by which a later run knows that it may write the file again. */
export const configHeading = '# Written by `gatehouse demo`, anew at each start.'

export const toDemoConfig = ({ url, issuer, managerUrl, echoUrl }: DemoAddresses): string => `${configHeading}
# An ordinary configuration: copy it, change it, and start it with \`gatehouse serve --config FILE\`.

server:
  url: ${url}
  listen: ${new URL(url).host}
  branding:
    title: Gatehouse demo
    footer: A demo on this machine. Its people and the services behind it only pretend.

telemetry:
  metrics: { listen: 127.0.0.1:0 }

# Sessions, users and the server's keys: one SQLite file and one key file in this folder.
storage:
  directory: data

# Two ways to log in, in the order of the login page.
identity:
  - id: sso
    type: oidc
    label: Example login
    issuer: ${issuer}
    clientId: gatehouse
    clientSecret: { file: oidc-client-secret }
    scopes: [openid, profile, email, groups]
  - id: manager
    type: backend-ai
    label: Manager
    endpoint: ${managerUrl}

access:
  admins: [group:admins]
  contact: the person who started this demo

# The services behind the door. What no upstream lets through is refused.
upstreams:
  - id: echo
    path: /api/echo/
    title: Echo service
    description: Learns who you are from a token that the gateway signs, and shows what reached it.
    to: ${echoUrl}
    sign: { type: identity-jwt }
    allow: [authenticated]
  - id: manager
    path: /api/manager/
    title: Manager
    description: Checks that each request is signed with your keypair, and shows what reached it.
    to: ${managerUrl}
    sign: { type: backend-ai, credential: manager }
    allow: [authenticated]
  - id: staff
    path: /api/staff/
    title: Staff desk
    description: The echo service once more, for the group staff only.
    to: ${echoUrl}/staff
    sign: { type: identity-jwt }
    allow: [group:staff]
  - id: tryout
    path: /tryout/
    title: Try WebSockets and events
    description: A page that opens them through the gateway. Open to everybody; what it opens is not.
    to: ${echoUrl}/tryout
    allow: [public]
`
