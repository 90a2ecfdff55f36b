// Who somebody is to the gateway whom the Manager knows: the same person whether they log in here or at the portal, where
// the Manager is a provider of `identity`.

import type { Identities, Proof } from '#identity'
import { Secret } from '#kernel'
import type { BackendAiConfig } from '../config.ts'
import type { ManagerLogin } from './authorization.ts'

/** @param username as the Manager has just verified it, or told it */
export type ToProof = (username: string, login: ManagerLogin) => Proof

export function createToProof(
  { login, manager }: Pick<BackendAiConfig, 'login' | 'manager'>,
  { providers }: Pick<Identities, 'providers'>,
): ToProof {
  const { provider } = login
  const issuer = manager.to[0]?.url ?? provider
  const groupsPrefix = providers.find(({ id }) => id === provider)?.groupsPrefix ?? ''
  return (username, { accessKey, secretKey, role, status }) => ({
    identity: {
      provider,
      issuer,
      subject: username,
      username,
      displayName: username,
      groups: [groupsPrefix + role],
    },
    credential: { kind: 'keypair', accessKey, secretKey: new Secret(secretKey), role, status },
  })
}
