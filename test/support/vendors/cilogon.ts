// CILogon, as https://www.cilogon.org/oidc describes it: claims of the home organisation, e-mail that nobody verified, and
// no logout.

import { type Vendor, without } from './vendor.ts'

const ids = ['ada', 'grace', 'mallory']

export const cilogon: Vendor = {
  profile: 'cilogon',
  issuerPath: '',
  paths: {
    '/auth': '/authorize',
    '/token': '/oauth2/token',
    '/me': '/oauth2/userinfo',
    '/jwks': '/oauth2/certs',
    '/token/revocation': '/oauth2/revoke',
    '/token/introspection': '/oauth2/introspect',
  },
  discovery: {
    authorization_response_iss_parameter_supported: undefined,
    end_session_endpoint: undefined,
    backchannel_logout_supported: undefined,
    backchannel_logout_session_supported: undefined,
    token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
  },
  subjectOf: (username) => `http://cilogon.org/serverA/users/${ids.indexOf(username) + 1000}`,
  idToken: (claims, { username, groups }) => ({
    ...without(claims, 'groups', 'preferred_username', 'email_verified'),
    eppn: `${username}@uni.test`,
    idp: 'https://idp.uni.test/shibboleth',
    idp_name: 'University of Test',
    isMemberOf: groups,
  }),
  userinfo: (claims) => without(claims, 'groups', 'preferred_username', 'email_verified'),
}
