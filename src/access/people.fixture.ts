// Nodes over one set of stores, for tests of users, sign-ups, roles and groups; on every kind of database.

import { defineFact } from '#http'
import type { LoginIdentity } from '#identity'
import type { UserId } from '#kernel'
import type { MailLanguage, NewMail } from '#mail'
import type { ActiveSession, SessionEnd } from '#sessions'
import { type Storage, storageModule } from '#storage'
import type { LogFields } from '#telemetry'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { makeDirectory, removeDirectory } from '../../test/support/programs.ts'
import type { Principal } from './access.ts'
import { compileAllow } from './allow.ts'
import { createApprovalStore } from './approval-store.ts'
import { createChosenLanguages } from './chosen-languages.ts'
import { accessConfig } from './config.ts'
import { createFindAdmins } from './find-admins.ts'
import { createLocalGroupStore } from './local-group-store.ts'
import { createLocalGroups } from './local-groups.ts'
import { createPrincipals } from './principal.ts'
import { createRecipients } from './recipients.ts'
import { createRecordingLogger } from './request.fixture.ts'
import { createRoleStore } from './role-store.ts'
import { createSignUps } from './sign-ups.ts'
import { createStandings } from './standing.ts'
import { createStandingStore } from './standing-store.ts'
import { createUserStore } from './user-store.ts'
import { userMigrations } from './user-tables.ts'
import { createUsers } from './users.ts'

export { onEveryDatabase } from '../../test/support/every-database.ts'

type StorageConfig = ReturnType<(typeof storageModule)['config']['parse']>

/** A mail that was put into the outbox. */
export interface SentMail {
  readonly to: string
  readonly template: string
  readonly language: MailLanguage
  readonly subject: string
  readonly text: string
}

/** Nodes over one set of stores. Each test has a database of its own, because a login commits. */
export async function openNodes(sql: unknown, settings: object = {}) {
  const clock = createManualClock()
  const logged: LogFields[] = []
  const log = createRecordingLogger(logged)
  const directory = makeDirectory('users')
  const config: StorageConfig = storageModule.config.parse({ directory, sql, keyValue: { type: 'memory' } })
  const part = storageModule.create({ clock, telemetry: { log } }, config)
  const storage: Storage = part.api
  storage.addMigrations(userMigrations)
  await part.start?.()
  const ended: (readonly [UserId, SessionEnd])[] = []
  const lost: UserId[] = []
  const mails: SentMail[] = []
  const languages = createChosenLanguages(log)
  const sessions = { endAllOf: async (id: UserId, reason: SessionEnd): Promise<number> => ended.push([id, reason]) }
  const mail = {
    isConfigured: true,
    async send<Data extends Readonly<Record<string, string>>>({ to, template, data, language = 'en' }: NewMail<Data>) {
      mails.push({ to, template: template.id, language, ...template.write[language](data) })
      return true
    },
  }

  /** @param own the `access` section of this node */
  const createNode = (own: object = settings) => {
    const { keyValue, audit } = storage
    const { admins, signUp } = accessConfig.parse(own)
    const store = createUserStore(storage)
    const standings = createStandings({
      store: createStandingStore(storage, clock),
      keyValue,
      log,
      onGroupsLost: (userId: UserId) => void lost.push(userId),
    })
    const { principalOf } = createPrincipals({
      session: defineFact<ActiveSession>('session'),
      current: defineFact<Principal>('principal'),
      admins: compileAllow(admins, () => true as const),
      standing: standings.current,
    })
    const approvals = createApprovalStore(storage)
    const findAdmins = createFindAdmins({ entries: admins, store, standing: standings.current, principalOf })
    const signUps = createSignUps({
      config: signUp,
      admins,
      contact: 'the desk',
      store: approvals,
      recipients: createRecipients({ findAdmins, languageOf: languages.find }),
      keyValue,
      mail,
      urlTo: (path) => `https://gate.test${path}`,
      clock,
      log,
    })
    const common = { standings, audit, clock, log }
    const roles = createRoleStore(storage)
    return {
      users: createUsers({ ...common, store, approvals, roles, signUps, sessions, contact: 'the desk' }),
      groups: createLocalGroups({ ...common, store: createLocalGroupStore(storage), users: store }),
      standings,
      principalOf,
    }
  }
  return {
    ...createNode(),
    clock,
    storage,
    ended,
    lost,
    mails,
    languages,
    logged,
    createNode,
    [Symbol.asyncDispose]: async () => {
      await part.stop?.()
      removeDirectory(directory)
    },
  }
}

export const identity = (facts: Partial<LoginIdentity> = {}): LoginIdentity => ({
  provider: 'sso',
  issuer: 'https://sso.example.org',
  subject: '8f2c41',
  username: 'ada',
  displayName: 'Ada Lovelace',
  email: 'ada@example.org',
  groups: ['lab', 'staff'],
  ...facts,
})
