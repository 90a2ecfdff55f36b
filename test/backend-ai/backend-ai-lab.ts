// A Manager with its neighbours, and the gateway in place of their webserver: for tests of what Web UI and programs see, and
// of what reaches the services behind. People log in as the Web UI lets them.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { createClient } from 'redis'
import type { Clock } from '#kernel'
import {
  defaultAccounts,
  type GraphqlRouter,
  type Manager,
  type ManagerAccount,
  type ManagerOptions,
  type StandIn,
  startGraphqlRouter,
  startManager,
  startPipeline,
} from '../support/backend-ai/index.ts'
import { isMissing, type OwnRedis, startOwnRedis } from '../support/programs.ts'
import { type ConfigLayer, startGateway, type TestGateway } from '../support/start-gateway.ts'
import type { TestStores } from '../support/test-stores.ts'
import { createLabClient, type LabClient } from './lab-client.ts'

export type ProfileName = '26.2' | '26.4' | '26.8'

export interface LabOptions {
  /** Of the gateway, and the Manager's version; 26.2 if absent. */
  readonly profile?: ProfileName
  readonly hasRouter?: boolean
  readonly hasPipeline?: boolean
  /** Laid over the section `backendAi`. */
  readonly backendAi?: ConfigLayer
  /** Laid over everything else. */
  readonly config?: ConfigLayer
  readonly manager?: Omit<ManagerOptions, 'version' | 'clock' | 'records'>
  readonly clock?: Clock
  /** Of the gateway; of its own if absent. Whoever brings them ends them. */
  readonly stores?: TestStores
}

export interface BackendAiLab extends AsyncDisposable {
  readonly manager: Manager
  /** @throws unless the lab has one */
  readonly router: GraphqlRouter
  /** @throws unless the lab has one */
  readonly pipeline: StandIn
  /** Shared by Manager and gateway. @throws unless the Manager names sessions: from 26.4 on */
  readonly redis: OwnRedis
  readonly gateway: TestGateway
  /** A browser in which nobody has logged in. */
  stranger(): LabClient
  /** A browser in which this person has; ada if absent. */
  logIn(username?: string): Promise<LabClient>
  /** One more node of the Manager: knows the same people by the same keys, and shares the records. Whoever asks ends it. */
  startTwin(): Promise<Manager>
  /** With this laid over what the gateway was started with. @throws what keeps it from that */
  reload(change: ConfigLayer): Promise<void>
}

/**
 * @example
 * await using lab = await startBackendAiLab({ profile: '26.4', hasRouter: true })
 * const ada = await lab.logIn()
 * assert.equal((await ada.ask('/func/folders')).status, 200)
 */
export async function startBackendAiLab(options: LabOptions = {}): Promise<BackendAiLab> {
  const { profile = '26.2', clock, stores } = options
  await using started = new AsyncDisposableStack()
  const shared = profile === '26.2' ? undefined : started.use(await startSharedRecords())
  const managerOptions = {
    ...options.manager,
    accounts: (options.manager?.accounts ?? defaultAccounts).map(withKeypair),
    version: profile,
    ...(clock && { clock }),
    ...(shared && { records: shared.records }),
  }
  const manager = started.use(await startManager(managerOptions))
  const router = options.hasRouter === true ? started.use(await startGraphqlRouter(manager)) : undefined
  const pipeline = options.hasPipeline === true ? started.use(await startPipeline(manager)) : undefined
  const { manager: managerSettings, ...backendAi } = options.backendAi ?? {}
  const layer = {
    backendAi: {
      profile,
      manager: { to: manager.url, ...(managerSettings as object | undefined) },
      ...(router && { graphqlRouter: { to: router.url } }),
      ...(pipeline && { pipeline: { to: pipeline.url } }),
      ...(shared && { sharedRedis: { type: 'redis', url: shared.url } }),
      ...backendAi,
    },
  }
  const layers = [layer, options.config ?? {}]
  const settings = { config: layers, ...(clock && { clock }), ...(stores && { stores }) }
  const gateway = started.use(await startGateway(settings))
  const parts = started.move()
  return {
    manager,
    get router() {
      assert.ok(router !== undefined, 'the lab has a GraphQL router')
      return router
    },
    get pipeline() {
      assert.ok(pipeline !== undefined, 'the lab has a pipeline service')
      return pipeline
    },
    get redis() {
      assert.ok(shared !== undefined, 'the Manager of the lab shares its records')
      return shared.redis
    },
    gateway,
    stranger: () => createLabClient(gateway.url),
    async logIn(username = 'ada@example.org') {
      const client = createLabClient(gateway.url)
      const { password } = manager.accounts.get(username)
      const answer = await client.ask('/server/login', { method: 'POST', body: JSON.stringify({ username, password }) })
      assert.equal(answer.json().authenticated, true, `${username} logs in: ${answer.bytes.toString()}`)
      return client
    },
    startTwin: () => startManager(managerOptions),
    reload: (change) => gateway.reload(...layers, change),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** The mark is one that no log and no answer may show. */
const withKeypair = (account: ManagerAccount): ManagerAccount => ({
  accessKey: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretKey: `CANARY-${randomBytes(20).toString('base64')}`,
  ...account,
})

/** The Redis in which Manager and webserver share the records of logins. */
async function startSharedRecords() {
  const redis = await startOwnRedis()
  if (isMissing(redis)) throw new Error(redis.missing)
  const client = createClient({ url: redis.url })
  client.on('error', () => {})
  await client.connect()
  return {
    redis,
    url: redis.url,
    records: {
      set: (key: string, value: string, lifetimeSeconds: number) => client.set(key, value, { EX: lifetimeSeconds }),
      delete: (key: string) => client.del(key),
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await redis.stop()
    },
  }
}
