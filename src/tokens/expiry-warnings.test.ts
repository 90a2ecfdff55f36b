// Who is written to before a token ends, and how often; on every kind of database, with the outbox that mails go out of.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from '#access'
import type { UserId } from '#kernel'
import { type MailLanguage, mailModule } from '#mail'
import { createMemoryKeyValue, storageModule } from '#storage'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { onEveryDatabase } from '../../test/support/every-database.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createExpiryWarnings } from './expiry-warnings.ts'
import { createServiceAccountStore } from './service-account-store.ts'
import { createTokenSecret } from './token-form.ts'
import { createTokenStore } from './token-store.ts'
import { tokenMigrations } from './token-tables.ts'
import { createWarningStore } from './warning-store.ts'

const DAY = 86_400_000
const START = 1_700_000_000_000
const ADA = 'user-ada' as UserId
const ROBOT = 'user-robot' as UserId

interface Person {
  readonly email?: string
  readonly language?: MailLanguage
  disabledAt?: number
}

async function openTokens(sql: unknown) {
  const clock = createManualClock(START)
  const base = { clock, telemetry: { log: silentLog, metrics: countingMetrics(new Map()) } }
  const storage = storageModule.create(base, storageModule.config.parse({ sql, keyValue: { type: 'memory' } }))
  const config = mailModule.config.parse({ from: 'gate@lab.test', file: '/nowhere' })
  const { api: mail } = mailModule.create({ ...base, storage: storage.api }, config)
  storage.api.addMigrations(tokenMigrations)
  await storage.start?.()
  const store = createTokenStore(storage.api)
  const accounts = createServiceAccountStore(storage.api)
  const people = new Map<string, Person>([
    [ADA, { email: 'ada@lab.test' }],
    ['user-jun', { email: 'jun@lab.test', language: 'ja' }],
    ['user-nobody', {}],
    [ROBOT, {}],
  ])

  const createNode = (keyValue = storage.api.keyValue, send: typeof mail.send = mail.send) =>
    createExpiryWarnings({
      clock,
      keyValue,
      store: createWarningStore(storage.api),
      users: {
        findById: async (id) => {
          const person = people.get(id)
          return person && ({ id, displayName: id, ...person } as User)
        },
      },
      recipients: {
        person: async ({ id }) => {
          const { email: to, language } = people.get(id) ?? {}
          return to === undefined ? undefined : { to, ...(language !== undefined && { language }) }
        },
        admins: async () => [{ to: 'grace@lab.test' }, { to: 'hedy@lab.test', language: 'fr' }],
      },
      mail: { send },
      urlTo: (path) => `https://gate.test${path}`,
      warnBeforeMs: 7 * DAY,
    })

  return {
    clock,
    store,
    people,
    look: createNode(),
    createNode,
    send: mail.send,
    mint: (days: number, { owner = ADA, name = 'nightly' } = {}) => {
      const token = { userId: owner, name, scopes: [], expiresAt: clock.now() + days * DAY }
      return store.insert(createTokenSecret('api-token').form, token, clock.now())
    },
    /** An account whose first key a newer one has replaced, with an overlap of a day. */
    async rotated(rotateEveryMs?: number) {
      const { form } = createTokenSecret('service-account')
      const key = await store.insert(form, { userId: ROBOT, name: 'robot', scopes: [] }, clock.now())
      const rotation = rotateEveryMs === undefined ? {} : { rotateEveryMs }
      const row = { name: 'robot', userId: ROBOT, description: '', scopes: [], overlapMs: DAY, createdAt: START }
      await accounts.put({ ...row, ...rotation })
      await store.noteUse(key.id, { at: clock.now(), from: '192.0.2.1' })
      clock.advance(1000)
      await store.endOthers(ROBOT, 'newer', clock.now() + DAY)
      await accounts.setRotatedAt('robot', clock.now())
      return key
    },
    /** To whom, and what about; the oldest first. */
    async mails() {
      const unsent = await mail.listUnsent({ limit: 100 })
      return unsent.map(({ to, template, subject }) => `${to} ${template} ${subject}`).toSorted()
    },
    [Symbol.asyncDispose]: async () => storage.stop?.(),
  }
}

await onEveryDatabase('warnings before tokens end', (createDatabase) => {
  test('the owner hears of each token once, in the language of their choice', async () => {
    await using node = await openTokens(await createDatabase())
    await node.mint(30)
    await node.mint(30, { owner: 'user-jun' as UserId })
    node.clock.advance(23 * DAY - 1)
    await node.look()
    assert.deepEqual(await node.mails(), [], 'not before')
    node.clock.advance(1)
    const told = [
      'ada@lab.test tokens.tokenEnds Your access token “nightly” ends soon',
      'jun@lab.test tokens.tokenEnds アクセストークン「nightly」の有効期限が近づいています',
    ]
    await Promise.all([node.look(), node.createNode()(), node.createNode()()])
    assert.deepEqual(await node.mails(), told)
    node.clock.advance(DAY)
    await node.look()
    assert.deepEqual(await node.mails(), told, 'and not again')
  })

  test('of several that end soon one mail tells', async () => {
    await using node = await openTokens(await createDatabase())
    await node.mint(29, { name: 'later' })
    const first = await node.mint(28, { name: 'first' })
    await node.mint(30, { name: 'last' })
    node.clock.advance(24 * DAY)
    const said: object[] = []
    await node.createNode(undefined, async ({ data }) => said.push(data) > 0)()
    const link = 'https://gate.test/portal/settings/tokens'
    const endsAt = new Date(START + 28 * DAY).toISOString()
    assert.deepEqual(said, [{ name: ADA, token: 'first', prefix: first.prefix, endsAt, more: '2', link }])
  })

  test('two nodes that both think that they are alone warn once', async () => {
    await using node = await openTokens(await createDatabase())
    await node.mint(30)
    node.clock.advance(24 * DAY)
    const alone = () => node.createNode(createMemoryKeyValue({ clock: node.clock }))()
    await Promise.all([alone(), alone(), alone()])
    assert.equal((await node.mails()).length, 1)
  })

  test('a mail that could not be written down is no warning', async () => {
    await using node = await openTokens(await createDatabase())
    await node.mint(30)
    node.clock.advance(24 * DAY)
    const failing = node.createNode(undefined, async (mail, transaction) => {
      await node.send(mail, transaction)
      throw new Error('the database went away')
    })
    await assert.rejects(failing, /went away/)
    assert.deepEqual(await node.mails(), [])
    await node.look()
    assert.equal((await node.mails()).length, 1)
  })

  test('nobody is told of what was never meant to last, is revoked, is over, or is no longer theirs', async () => {
    await using node = await openTokens(await createDatabase())
    await node.mint(7)
    const revoked = await node.mint(30)
    await node.store.revoke(revoked.id, START)
    await node.mint(8, { owner: 'user-nobody' as UserId })
    await node.mint(8, { owner: 'user-gone' as UserId })
    node.clock.advance(DAY)
    await node.look()
    assert.deepEqual(await node.mails(), [])
    node.people.set('user-nobody', { email: 'new@lab.test' })
    await node.look()
    assert.deepEqual(await node.mails(), [], 'who could not be reached is not looked for again')
    await node.mint(30)
    node.people.set(ADA, { email: 'ada@lab.test', disabledAt: START })
    node.clock.advance(25 * DAY)
    await node.look()
    await node.mint(10)
    node.people.set(ADA, { email: 'ada@lab.test' })
    node.clock.advance(10 * DAY)
    await node.look()
    assert.deepEqual(await node.mails(), [])
  })

  test('administrators hear of an old key that is used although there is a newer one', async () => {
    await using node = await openTokens(await createDatabase())
    const key = await node.rotated()
    await node.look()
    assert.deepEqual(await node.mails(), [], 'it was used before, and not since')
    node.clock.advance(60_000)
    await node.store.noteUse(key.id, { at: node.clock.now(), from: '192.0.2.7' })
    await node.look()
    await node.look()
    assert.deepEqual(await node.mails(), [
      'grace@lab.test tokens.keyEnds An old key of robot is still in use and ends soon',
      'hedy@lab.test tokens.keyEnds Une ancienne clé de robot est encore utilisée et expire bientôt',
    ])
  })

  test('not where keys rotate by themselves, and not of a disabled account', async () => {
    await using node = await openTokens(await createDatabase())
    const key = await node.rotated(30 * DAY)
    node.clock.advance(60_000)
    await node.store.noteUse(key.id, { at: node.clock.now(), from: '192.0.2.7' })
    await node.look()
    const other = await node.rotated()
    node.clock.advance(60_000)
    await node.store.noteUse(other.id, { at: node.clock.now(), from: '192.0.2.7' })
    node.people.set(ROBOT, { disabledAt: START })
    await node.look()
    assert.deepEqual(await node.mails(), [])
  })
})
