// A real etcd: one member or a cluster of three, of our own; and what an administrator would do to it with etcdctl.

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { tlsFiles } from './redis.ts'
import {
  findFreePort,
  makeDirectory,
  type RunningProgram,
  removeDirectory,
  runProgram,
  waitUntil,
} from './run-program.ts'

/** One that we started, and may treat badly. */
export interface Etcd {
  /** Of each member. */
  readonly urls: readonly string[]
  /** One command of etcdctl, as root if there are users. @returns what it says */
  ctl(...args: readonly string[]): Promise<string>
  put(key: string, value: string): Promise<void>
  remove(key: string): Promise<void>
  /** Forgets what was before now. */
  compact(): Promise<void>
  /** From now on nobody is served without a password; root's is `root`. */
  demandPasswords(): Promise<void>
  /** Nobody's token is good any more, as after a while. */
  forgetTokens(): Promise<void>
  /** How many watches the first member has. */
  watchers(): Promise<number>
  /** Sends a signal to a member: SIGSTOP, SIGCONT, SIGKILL. */
  signal(name: NodeJS.Signals, member?: number): void
  /** Ends a member, or all of them; folders and ports are kept. */
  halt(member?: number): Promise<void>
  /** Starts again what was halted or killed. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export interface EtcdOptions {
  /** One unless told. */
  readonly members?: number
  /** Speaks TLS, with the certificate of `test/fixtures/tls`; `clients` must show one too (the same will do). */
  readonly tls?: 'server' | 'clients'
}

export async function startEtcd({ members = 1, tls }: EtcdOptions = {}): Promise<Etcd | Missing> {
  const program = await findProgram({ names: ['etcd'], package: 'etcd-server' })
  if (isMissing(program)) return program
  const client = await findProgram({ names: ['etcdctl'], package: 'etcd-client' })
  if (isMissing(client)) return client
  const directory = makeDirectory('etcd')
  const places = await Promise.all(
    Array.from({ length: members }, async (_, index) => ({
      name: `m${index}`,
      folder: makeDirectory(`etcd-m${index}`),
      url: `http${tls === undefined ? '' : 's'}://127.0.0.1:${await findFreePort()}`,
      peerUrl: `http://127.0.0.1:${await findFreePort()}`,
    })),
  )
  const cluster = places.map(({ name, peerUrl }) => `${name}=${peerUrl}`).join()
  const endpoints = places.map(({ url }) => url).join()
  let user: readonly string[] = []

  const ctl = async (...args: readonly string[]): Promise<string> => {
    const files =
      tls === undefined ? [] : ['--cacert', tlsFiles.certificate, '--cert', tlsFiles.certificate, '--key', tlsFiles.key]
    const all = ['--endpoints', endpoints, '--command-timeout', '20s', ...files, ...user, ...args]
    const { stdout } = await promisify(execFile)(client.path, all, { env: { ETCDCTL_API: '3' } })
    return stdout
  }
  const run = (place: (typeof places)[number]): Promise<RunningProgram> =>
    runProgram({
      path: program.path,
      args: memberArgs(place, cluster, tls),
      directory: place.folder,
      // In order it would hand over first, for seconds; what it has said is on the disk is there.
      stopSignal: 'SIGKILL',
      // A member of a cluster serves when most of them are there: `ctl` below waits for that.
      isReady: async () => true,
    })
  const isServing = () =>
    ctl('get', '/').then(
      () => true,
      () => false,
    )
  const running = new Map<string, RunningProgram>()
  const start = async (): Promise<void> => {
    const missing = places.filter(({ name }) => !running.has(name))
    for (const place of missing) {
      const member = await run(place)
      running.set(place.name, member)
      void member.ended.then(() => running.delete(place.name))
    }
    await waitUntil(isServing)
  }
  await start()

  const memberAt = (index: number) => running.get(`m${index}`)
  return {
    urls: places.map(({ url }) => url),
    ctl,
    put: async (key, value) => void (await ctl('put', '--', key, value)),
    remove: async (key) => void (await ctl('del', key)),
    async compact() {
      const { header } = JSON.parse(await ctl('get', '/', '-w', 'json')) as { header: { revision: number } }
      await ctl('compact', String(header.revision))
    },
    async demandPasswords() {
      await ctl('user', 'add', 'root:root')
      await ctl('role', 'add', 'root')
      await ctl('user', 'grant-role', 'root', 'root')
      await ctl('auth', 'enable')
      user = ROOT
    },
    async forgetTokens() {
      await ctl('auth', 'disable')
      user = []
      await ctl('auth', 'enable')
      user = ROOT
    },
    async watchers() {
      const metrics = await (await fetch(`${places[0]?.url}/metrics`)).text()
      return Number(/^etcd_debugging_mvcc_watcher_total (\d+)$/m.exec(metrics)?.[1])
    },
    signal: (name, member = 0) => memberAt(member)?.signal(name),
    async halt(member) {
      const meant = member === undefined ? [...running.values()] : [memberAt(member)]
      await Promise.all(meant.map(async (each) => each?.stop()))
    },
    restart: start,
    async stop() {
      await Promise.all([...running.values()].map((each) => each.stop()))
      for (const folder of [directory, ...places.map((place) => place.folder)]) removeDirectory(folder)
    },
  }
}

const ROOT = ['--user', 'root:root']

function memberArgs(
  {
    name,
    folder,
    url,
    peerUrl,
  }: { readonly name: string; readonly folder: string; readonly url: string; readonly peerUrl: string },
  cluster: string,
  tls: EtcdOptions['tls'],
): readonly string[] {
  const { certificate, key } = tlsFiles
  return [
    ['--name', name, '--data-dir', `${folder}/data`, '--initial-cluster', cluster],
    ['--listen-client-urls', url, '--advertise-client-urls', url],
    ['--listen-peer-urls', peerUrl, '--initial-advertise-peer-urls', peerUrl],
    // Votes come fast: a test waits for them.
    ['--heartbeat-interval', '50', '--election-timeout', '500'],
    tls === undefined ? [] : ['--cert-file', certificate, '--key-file', key],
    tls === 'clients' ? ['--client-cert-auth', '--trusted-ca-file', certificate] : [],
  ].flat()
}
