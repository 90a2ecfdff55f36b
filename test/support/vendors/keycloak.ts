// Keycloak, as its Server Administration Guide and "Securing applications" describe it, with a mapper "Group Membership"
// as the guide has it made: full group path, in the ID token. Roles stand in the access token only, as they do unless
// somebody changes the client scope `roles`.

import type { Vendor } from './vendor.ts'
import { without } from './vendor.ts'

const ids: Readonly<Record<string, string>> = {
  ada: '36fa0f91-f94d-4a0c-afed-6b7d952e47da',
  grace: '5d8fd0e1-9a4f-4f5e-8d3c-0d7f2a0a7c11',
}

export const keycloak: Vendor = {
  profile: 'keycloak',
  issuerPath: '/realms/lab',
  paths: {
    '/auth': '/protocol/openid-connect/auth',
    '/token': '/protocol/openid-connect/token',
    '/me': '/protocol/openid-connect/userinfo',
    '/jwks': '/protocol/openid-connect/certs',
    '/token/revocation': '/protocol/openid-connect/revoke',
    '/token/introspection': '/protocol/openid-connect/token/introspect',
    '/session/end': '/protocol/openid-connect/logout',
  },
  discovery: {
    authorization_response_iss_parameter_supported: true,
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    token_endpoint_auth_methods_supported: [
      'private_key_jwt',
      'client_secret_basic',
      'client_secret_post',
      'tls_client_auth',
      'client_secret_jwt',
    ],
    claims_supported: ['aud', 'sub', 'iss', 'auth_time', 'name', 'preferred_username', 'email', 'acr'],
  },
  subjectOf: (username) => ids[username] ?? '0d1b2c3d-0000-4000-8000-000000000000',
  idToken: (claims, { groups }) => ({
    ...claims,
    typ: 'ID',
    azp: claims.aud,
    acr: '1',
    groups: groups.map((group) => `/${group}`),
  }),
  userinfo: (claims) => without(claims, 'groups'),
  accessToken: ({ groups }) => ({
    typ: 'Bearer',
    aud: 'account',
    realm_access: { roles: ['default-roles-lab', 'offline_access', ...(groups.includes('admins') ? ['admin'] : [])] },
    resource_access: { gatehouse: { roles: ['operator'] }, account: { roles: ['manage-account', 'view-profile'] } },
  }),
}
