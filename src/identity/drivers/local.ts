// Accounts of Gatehouse's own, made with `gatehouse user add`. For small sites, for the first administrator, and for the
// day when the facility's login is down. A name that does not exist costs the same work and gets the same answer as a
// wrong password.

import { z } from 'zod'
import { type DriverDeps, defineDriver, type PasswordProvider, type Verification } from '../provider.ts'
import { groupsPrefix, providerId, providerLabel } from './common-config.ts'
import { toAccountName } from './local/account-name.ts'
import { createLocalAccountStore } from './local/account-store.ts'
import { createPasswordHasher } from './local/password-hash.ts'

const localConfig = z
  .strictObject({
    id: providerId,
    type: z.literal('local').describe('Accounts of this gateway’s own, made with `gatehouse user add`.'),
    label: providerLabel,
    groupsPrefix,
  })
  .meta({ title: 'Local accounts' })

export type LocalConfig = z.infer<typeof localConfig>

export const localDriver = defineDriver({ type: 'local', config: localConfig, create: createLocalProvider })

function createLocalProvider(config: LocalConfig, { storage }: DriverDeps): PasswordProvider {
  const accounts = createLocalAccountStore(storage)
  const hasher = createPasswordHasher()

  return Object.freeze({
    kind: 'password',
    id: config.id,
    type: 'local',
    label: config.label ?? config.id,
    yieldsCredential: false,

    async verify({ username, password }): Promise<Verification> {
      const name = toAccountName(username)
      const account = name === undefined ? undefined : await accounts.find(name)
      const { matches, isOutdated } = await hasher.check(password, account?.passwordHash)
      if (account === undefined || !matches) return { kind: 'refused', reason: 'credentials' }
      if (account.disabledAt !== undefined) return { kind: 'refused', reason: 'disabled' }
      if (isOutdated) await accounts.setPasswordHash(account.name, await hasher.hash(password), account.passwordHash)
      const identity = {
        provider: config.id,
        issuer: `local:${config.id}`,
        subject: account.name,
        username: account.name,
        displayName: account.displayName,
        ...(account.email !== undefined && { email: account.email }),
        groups: account.groups.map((group) => config.groupsPrefix + group),
        isInvited: true as const,
      }
      return { kind: 'proven', proof: { identity } }
    },
  } satisfies PasswordProvider)
}
