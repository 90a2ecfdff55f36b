// A real Redis: that of GATEHOUSE_TEST_REDIS_URL, or one of our own.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { accepts, findFreePort, makeDirectory, type Restartable, runRestartable } from './run-program.ts'

export interface Redis {
  /** Without the password. */
  readonly url: string
  stop(): Promise<void>
}

/** One that we started, and may treat badly. */
export interface OwnRedis extends Redis, Restartable {
  readonly port: number
  /** What an administrator would do, on a connection of their own. @returns the answer */
  ask(...command: string[]): Promise<unknown>
}

export interface RedisOptions {
  /** More options of the command line: `['--appendonly', 'yes']`. */
  readonly args?: readonly string[]
  readonly password?: string
  /** Speaks TLS, with the certificate of `test/fixtures/tls`; `clients` must show one too (the same will do). */
  readonly tls?: 'server' | 'clients'
}

/** Its certificate is its own authority, and bears `localhost` and 127.0.0.1. */
export const tlsFiles = {
  certificate: fileURLToPath(new URL('../../fixtures/tls/localhost.pem', import.meta.url)),
  key: fileURLToPath(new URL('../../fixtures/tls/localhost-key.pem', import.meta.url)),
}

/** A Redis to share with others: use keys of your own. */
export async function startRedis(): Promise<Redis | Missing> {
  const url = process.env.GATEHOUSE_TEST_REDIS_URL
  return url === undefined ? startOwnRedis() : { url, stop: async () => {} }
}

export async function startOwnRedis(options: RedisOptions = {}): Promise<OwnRedis | Missing> {
  const program = await findProgram({ names: ['redis-server'], package: 'redis-server' })
  if (isMissing(program)) return program
  const { port, running } = await runAtFreePort(program.path, options)
  return {
    ...running,
    url: `redis${options.tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    port,
    ask: (...command) => askRedis(port, command, options),
  }
}

/** Somebody else may take the port before Redis does, and would answer in its place. */
async function runAtFreePort(path: string, options: RedisOptions, attempts = 5) {
  const directory = makeDirectory('redis')
  const port = await findFreePort()
  const args = [...portArgs(port, options), '--bind', '127.0.0.1', '--dir', directory, ...keepArgs(options)]
  const isReady = async (pid: number) => saysReady(directory, pid) && (await accepts(port))
  try {
    return { port, running: await runRestartable({ path, args, directory, isReady }) }
  } catch (error) {
    if (attempts === 1 || !String(error).includes('Address already in use')) throw error
    return runAtFreePort(path, options, attempts - 1)
  }
}

/** Every line of its log begins with its process. */
const saysReady = (directory: string, pid: number): boolean =>
  new RegExp(`^${pid}:.*Ready to accept connections`, 'm').test(readFileSync(join(directory, 'log'), 'utf8'))

function portArgs(port: number, { tls }: RedisOptions): readonly string[] {
  if (tls === undefined) return ['--port', String(port)]
  const { certificate, key } = tlsFiles
  const files = ['--tls-cert-file', certificate, '--tls-key-file', key, '--tls-ca-cert-file', certificate]
  return ['--port', '0', '--tls-port', String(port), ...files, '--tls-auth-clients', tls === 'clients' ? 'yes' : 'no']
}

const keepArgs = ({ args = [], password }: RedisOptions): readonly string[] => [
  '--save',
  '',
  ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
  ...args,
]

/** One command on a connection of its own. */
export async function askRedis(
  port: number,
  command: readonly string[],
  { password, tls }: Pick<RedisOptions, 'password' | 'tls'> = {},
): Promise<unknown> {
  const [cert, key] = [tlsFiles.certificate, tlsFiles.key].map((file) => readFileSync(file, 'utf8'))
  // Loads the library when first needed: most tests do without a Redis.
  const { createClient } = await import('redis')
  const client = createClient({
    socket: {
      host: '127.0.0.1',
      port,
      reconnectStrategy: false,
      ...(tls && { tls: true, ca: cert, cert, key }),
    },
    ...(password !== undefined && { password }),
  })
  client.on('error', () => {})
  try {
    await client.connect()
    return await client.sendCommand([...command])
  } finally {
    client.destroy()
  }
}
