// The OpenID side of GitLab, as "GitLab as OpenID Connect identity provider" and its discovery document describe it. (A
// GitLab with an API and several people is `test/support/gitlab`.)

import { type Vendor, without } from './vendor.ts'

const ids = ['ada', 'grace', 'mallory']

export const gitlab: Vendor = {
  profile: 'gitlab',
  issuerPath: '',
  paths: {
    '/auth': '/oauth/authorize',
    '/token': '/oauth/token',
    '/me': '/oauth/userinfo',
    '/jwks': '/oauth/discovery/keys',
    '/token/revocation': '/oauth/revoke',
    '/token/introspection': '/oauth/introspect',
  },
  discovery: {
    authorization_response_iss_parameter_supported: undefined,
    end_session_endpoint: undefined,
    backchannel_logout_supported: undefined,
    backchannel_logout_session_supported: undefined,
    token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
    code_challenge_methods_supported: ['plain', 'S256'],
  },
  subjectOf: (username) => String(ids.indexOf(username) + 1),
  idToken: (claims, { groups }) => ({ ...without(claims, 'groups'), auth_time: claims.iat, groups_direct: groups }),
  userinfo: (claims, { groups }) => ({ ...claims, nickname: claims.preferred_username, groups }),
}
