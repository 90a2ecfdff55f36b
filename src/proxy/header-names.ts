// The tables behind `headers.ts`: which names never cross the gateway, and why. Data only.

/** RFC 9110 §7.6.1 and what older software sends: about one connection, never about the message. */
export const HOP_BY_HOP: readonly string[] = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
]

/** Written anew for the upstream's connection; the client's are never copied. */
export const OWN_FRAMING: readonly string[] = ['host', 'content-length', 'expect']

/** What the gateway says to every upstream about the request. */
export const GATEWAY_HEADERS = ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-request-id'] as const

/** No signer may be told to set these: they are the connection's, the content's, or the gateway's own. */
export const NOT_FOR_SIGNERS: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  ...OWN_FRAMING,
  ...GATEWAY_HEADERS,
  'content-type',
  'cookie',
])

/**
 * What a client may not say about itself, because services believe it of the gateway in front of them:
 * who it is, where it comes from, which address or method was really meant. Compared after `canonicalName`.
 */
export const IDENTITY_NAMES: readonly string[] = words(`
  remote-user x-user x-user-id x-user-name x-user-email x-user-groups x-user-roles x-username x-email x-groups
  x-roles x-userinfo x-id-token x-access-token x-jwt-assertion x-token-subject eppn mail uid cn sn givenname
  displayname persistent-id targeted-id entitlement affiliation unscoped-affiliation eaahash eaakey
  x-backendai-token x-backendai-sessionid auth-user x-auth-user x-auth-username x-auth-name x-auth-email
  x-auth-groups x-auth-roles x-auth-subject x-authorized-user x-principal x-role x-group x-sso-user
  x-userid x-user-role x-user-login x-user-dn x-user-uid es-security-runas-user
  x-jupyterhub-user x-grafana-user x-client-dn x-client-verify

  forwarded x-forwarded x-client-ip client-ip true-client-ip x-true-client-ip cf-connecting-ip fastly-client-ip
  x-cluster-client-ip x-originating-ip wl-proxy-client-ip proxy-client-ip x-azure-clientip x-azure-socketip
  client-cert client-cert-chain

  x-host x-scheme x-url-scheme front-end-https script-name x-script-name proxy x-http-method
  x-http-method-override x-method-override x-sendfile-type x-request-id
`)

/** Families of the same. */
export const IDENTITY_PREFIXES: readonly string[] = words(`
  x-gatehouse- x-forwarded- x-remote- remote- x-real- x-original- x-rewrite- x-accel- x-auth-request-
  x-authenticated- x-webauth- x-authentik- x-pomerium- x-vouch- x-oidc- oidc- x-shib- shib- mellon-
  x-amzn-oidc- x-goog-authenticated- x-goog-iap- x-ms-client-principal x-ms-token- x-consumer- x-credential-
  impersonate- x-impersonate- x-ssl- ssl-client- x-cert- x-envoy- x-appengine- x-proxyuser- forwarded-
  x-client-cert cf-access- tailscale- teleport- x-teleport- x-proxy- x-proxiedentit x-rstudio- x-amzn-mtls-
`)

/**
 * Of an upstream's answer: what describes the server behind, what the gateway alone decides (CORS), what would make a
 * proxy in front of us serve files, talk to another host or take us out of service (nginx, Apache, lighttpd, Envoy), and
 * what browsers take as said for the whole origin, which all services share: forget its cookies, do without TLS, report
 * its addresses elsewhere.
 */
export const ANSWER_DROPPED: readonly string[] = words(`
  server x-powered-by alt-svc x-accel-redirect x-sendfile x-lighttpd-send-file access-control-allow-origin
  access-control-allow-credentials access-control-allow-methods access-control-allow-headers
  access-control-expose-headers access-control-max-age x-accel-expires clear-site-data strict-transport-security
  nel report-to x-sendfile2 x-sendfile-temporary x-reproxy-url x-reproxy-file x-envoy-immediate-health-check-fail
  x-envoy-degraded x-envoy-overloaded x-envoy-ratelimited
`)

/** Names that mean something to us: in another spelling they would mean it to the server behind only. */
export const ONE_SPELLING: ReadonlySet<string> = new Set([
  'authorization',
  'content-encoding',
  'content-type',
  'cookie',
  'origin',
])

/** For the longer tables. */
function words(text: string): readonly string[] {
  return text.trim().split(/\s+/)
}
