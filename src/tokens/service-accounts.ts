// Accounts of programs: a user of the provider `service`, in the groups that administrators give it, with keys in place of
// a login. A new key leaves the others good for the overlap, so that whoever uses them has the time to change.

import type { Access, ChangedBy, User } from '#access'
import type { Clock, Secret } from '#kernel'
import { type KeyValueStore, withLock } from '#storage'
import type { Audit, Logger } from '#telemetry'
import { serviceAccountErrors, tokenErrors } from './errors.ts'
import type { KeyFiles } from './key-files.ts'
import type { LiveTokens } from './live-tokens.ts'
import { isScope } from './scopes.ts'
import type { ServiceAccountRow, ServiceAccountStore } from './service-account-store.ts'
import { createTokenSecret } from './token-form.ts'
import type { TokenStore } from './token-store.ts'
import type { Token } from './tokens.ts'

/** The provider of all service accounts, in policies: `user:service/NAME`. */
export const SERVICE_PROVIDER = 'service'

export interface ServiceAccount {
  readonly name: string
  readonly userId: User['id']
  readonly description: string
  readonly groups: readonly string[]
  readonly scopes: readonly string[]
  /** Its key rotates by itself this often, into a file; ms. */
  readonly rotateEveryMs?: number
  /** How long the keys of before stay good; ms. */
  readonly overlapMs: number
  readonly createdAt: number
  readonly rotatedAt?: number
  readonly isDisabled: boolean
  /** Those that are good now, the newest first. */
  readonly keys: readonly Token[]
}

/** What is not given stays as it is, or as it is for a new one: nothing allowed, no rotation, a day's overlap. */
export interface ServiceAccountSettings {
  readonly description?: string | undefined
  readonly groups?: readonly string[] | undefined
  readonly scopes?: readonly string[] | undefined
  /** `null`: not by itself. */
  readonly rotateEveryMs?: number | null | undefined
  readonly overlapMs?: number | undefined
}

export interface RotatedKey {
  readonly account: ServiceAccount
  readonly key: Token
  /** Shown once. */
  readonly secret: Secret
  /** Where it was written, for those that rotate by themselves. */
  readonly file?: string
}

export interface ServiceAccounts {
  list(): Promise<readonly ServiceAccount[]>
  /** @throws serviceAccount.unknown */
  get(name: string): Promise<ServiceAccount>
  /**
   * Creates it, with a first key, or brings it to these settings. Safe to repeat.
   *
   * @throws serviceAccount.nameUnusable, serviceAccount.disabled, serviceAccount.noKeyFolder, token.scopeUnknown
   */
  put(name: string, settings: ServiceAccountSettings, by: ChangedBy): Promise<PutServiceAccount>
  /** @throws serviceAccount.unknown, serviceAccount.disabled, serviceAccount.fileUnwritable */
  rotate(name: string, by: ChangedBy, options?: { readonly overlapMs?: number | undefined }): Promise<RotatedKey>
  /** What it has open ends within a second, on every node. Its keys are good again when it is enabled. */
  setDisabled(name: string, isDisabled: boolean, by: ChangedBy): Promise<ServiceAccount>
  /** @returns false if it has no such key */
  revokeKey(name: string, keyId: string, by: ChangedBy): Promise<boolean>
  /** Names of those whose keys are due to rotate. */
  due(): Promise<readonly string[]>
  /** Of the account of a user; none if there is no such account any more. */
  scopesOf(userId: string): Promise<readonly string[]>
}

export type PutServiceAccount =
  | { readonly isNew: false; readonly account: ServiceAccount }
  | ({ readonly isNew: true } & RotatedKey)

export interface ServiceAccountsDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly users: Pick<Access['users'], 'admit' | 'find' | 'setDisabled'>
  readonly store: ServiceAccountStore
  readonly tokens: TokenStore
  readonly live: Pick<LiveTokens, 'announce'>
  readonly files: KeyFiles | undefined
  readonly keyValue: KeyValueStore
  readonly audit: Audit
}

const LEASE = { ttlMs: 30_000, waitMs: 10_000 } as const
const DEFAULT_OVERLAP_MS = 86_400_000

export function createServiceAccounts(deps: ServiceAccountsDeps): ServiceAccounts {
  const { clock, log, users, store, tokens, live, files, keyValue, audit } = deps

  const complete = async (row: ServiceAccountRow): Promise<ServiceAccount> => {
    const user = await getUser(row.name)
    return {
      name: row.name,
      userId: user.id,
      description: row.description,
      groups: user.groups,
      scopes: row.scopes,
      ...(row.rotateEveryMs !== undefined && { rotateEveryMs: row.rotateEveryMs }),
      overlapMs: row.overlapMs,
      createdAt: row.createdAt,
      ...(row.rotatedAt !== undefined && { rotatedAt: row.rotatedAt }),
      isDisabled: user.disabledAt !== undefined,
      keys: await tokens.ofUser(user.id, 'service-account', clock.now()),
    }
  }

  const getUser = async (name: string): Promise<User> => {
    const user = await users.find(`${SERVICE_PROVIDER}/${name}`)
    if (user === undefined) throw serviceAccountErrors.unknown({})
    return user
  }

  const get = async (name: string): Promise<ServiceAccount> => {
    const row = await store.find(name)
    if (row === undefined) throw serviceAccountErrors.unknown({})
    return complete(row)
  }

  const record = (action: string, account: ServiceAccount, by: ChangedBy, detail = {}): Promise<void> =>
    audit.record({ action, outcome: 'success', userId: account.userId, ...by, subject: account.name, detail })

  const check = (name: string, { scopes = [], rotateEveryMs }: ServiceAccountSettings): void => {
    if (!NAME.test(name)) throw serviceAccountErrors.nameUnusable({})
    const unknown = scopes.find((scope) => !isScope(scope))
    if (unknown !== undefined) throw tokenErrors.scopeUnknown({ scope: unknown })
    if (typeof rotateEveryMs === 'number' && files === undefined) throw serviceAccountErrors.noKeyFolder({})
  }

  const admit = (name: string, groups: readonly string[]): Promise<User> =>
    users.admit({
      provider: SERVICE_PROVIDER,
      issuer: SERVICE_PROVIDER,
      subject: name,
      username: name,
      displayName: name,
      groups,
      isInvited: true,
    })

  /** A key that could not be handed over is good for nobody. */
  const writeFile = async (account: ServiceAccount, key: Token, secret: Secret): Promise<string | undefined> => {
    if (account.rotateEveryMs === undefined) return undefined
    try {
      if (files === undefined) throw serviceAccountErrors.noKeyFolder({})
      return await files.write(account.name, secret)
    } catch (error) {
      await tokens.revoke(key.id, clock.now())
      log.error({ event: 'key_file_unwritten', account: account.name, err: error }, 'a key file could not be written')
      throw serviceAccountErrors.fileUnwritable({}, { cause: error })
    }
  }

  const rotateNow: ServiceAccounts['rotate'] = async (name, by, { overlapMs } = {}) => {
    const account = await get(name)
    if (account.isDisabled) throw serviceAccountErrors.disabled({})
    const { userId } = account
    const { secret, form } = createTokenSecret('service-account')
    const key = await tokens.insert(form, { userId, name, scopes: [] }, clock.now())
    const file = await writeFile(account, key, secret)
    const overlap = overlapMs ?? account.overlapMs
    await tokens.endOthers(userId, key.id, clock.now() + overlap)
    await store.setRotatedAt(name, clock.now())
    await live.announce()
    await record('service-account.rotate', account, by, {
      key: key.id,
      prefix: key.prefix,
      overlapMs: overlap,
      toFile: file !== undefined,
    })
    return { account: await get(name), key, secret, ...(file !== undefined && { file }) }
  }

  /** One after the other on all nodes: each new key ends those of before, and two at once would end each other's. */
  const inTurn = <Result>(name: string, work: () => Promise<Result>): Promise<Result> =>
    withLock(keyValue, clock, `service-key:${name}`, LEASE, work)

  const rotate: ServiceAccounts['rotate'] = (name, by, options) => inTurn(name, () => rotateNow(name, by, options))

  /** One that broke off before its first key gets it now; of two that are created at once one makes it. */
  const withFirstKey = async (name: string, by: ChangedBy): Promise<PutServiceAccount> => {
    const account = await get(name)
    if (account.rotatedAt !== undefined) return { isNew: false, account }
    return { isNew: true, ...(await rotateNow(name, by)) }
  }

  return Object.freeze({
    async list() {
      return Promise.all((await store.list()).map(complete))
    },
    get,
    rotate,

    async put(name: string, settings: ServiceAccountSettings, by: ChangedBy): Promise<PutServiceAccount> {
      check(name, settings)
      const known = await store.find(name)
      const user = await users.find(`${SERVICE_PROVIDER}/${name}`)
      if (user?.disabledAt !== undefined) throw serviceAccountErrors.disabled({})
      const { id } = await admit(name, settings.groups ?? user?.groups ?? [])
      const { rotateEveryMs = known?.rotateEveryMs ?? null } = settings
      await store.put({
        name,
        userId: id,
        description: settings.description ?? known?.description ?? '',
        scopes: [...new Set(settings.scopes ?? known?.scopes ?? [])],
        ...(rotateEveryMs !== null && { rotateEveryMs }),
        overlapMs: settings.overlapMs ?? known?.overlapMs ?? DEFAULT_OVERLAP_MS,
        createdAt: known?.createdAt ?? clock.now(),
        ...(known?.rotatedAt !== undefined && { rotatedAt: known.rotatedAt }),
      })
      await live.announce()
      const account = await get(name)
      const isNew = known === undefined
      await record(isNew ? 'service-account.create' : 'service-account.change', account, by, {
        groups: account.groups.join(' '),
        scopes: account.scopes.join(' '),
      })
      return account.rotatedAt === undefined ? inTurn(name, () => withFirstKey(name, by)) : { isNew: false, account }
    },

    async setDisabled(name: string, isDisabled: boolean, by: ChangedBy) {
      const account = await get(name)
      if (account.isDisabled !== isDisabled) await users.setDisabled(account.userId, isDisabled, by)
      return get(name)
    },

    async revokeKey(name: string, keyId: string, by: ChangedBy) {
      const account = await get(name)
      const key = account.keys.find(({ id }) => id === keyId)
      if (key === undefined || !(await tokens.revoke(key.id, clock.now()))) return false
      await live.announce()
      await record('service-account.revoke-key', account, by, { key: key.id, prefix: key.prefix })
      return true
    },

    async due() {
      const now = clock.now()
      const due = (await store.list()).filter(
        ({ rotateEveryMs, rotatedAt = 0 }) => rotateEveryMs !== undefined && rotatedAt + rotateEveryMs <= now,
      )
      const enabled = await Promise.all(due.map(async ({ name }) => (await getUser(name)).disabledAt === undefined))
      return due.filter((_row, index) => enabled[index]).map(({ name }) => name)
    },

    async scopesOf(userId: string) {
      return (await store.findByUser(userId))?.scopes ?? []
    },
  })
}

/** Also the name of a file. */
const NAME = /^[a-z0-9][a-z0-9-]{0,62}$/
