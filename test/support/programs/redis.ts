// A real Redis: that of GATEHOUSE_TEST_REDIS_URL, or one of our own.

import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import {
  accepts,
  findFreePort,
  makeDirectory,
  type RunningProgram,
  removeDirectory,
  runProgram,
} from './run-program.ts'

export interface Redis {
  /** Without the password. */
  readonly url: string
  stop(): Promise<void>
}

/** One that we started, and may treat badly. */
export interface OwnRedis extends Redis {
  readonly port: number
  /** Sends a signal to the process: SIGSTOP, SIGCONT, SIGKILL. */
  signal(name: NodeJS.Signals): void
  /** Starts it again after a SIGKILL or `halt`; what was kept on disk is there. */
  restart(): Promise<void>
  /** Ends the process, keeps the folder and the port. */
  halt(): Promise<void>
}

export interface RedisOptions {
  /** More options of the command line: `['--requirepass', 'x']`, `['--appendonly', 'yes']`. */
  readonly args?: readonly string[]
}

/** A Redis to share with others: use keys of your own. */
export async function startRedis(): Promise<Redis | Missing> {
  const url = process.env.GATEHOUSE_TEST_REDIS_URL
  return url === undefined ? startOwnRedis() : { url, stop: async () => {} }
}

export async function startOwnRedis({ args = [] }: RedisOptions = {}): Promise<OwnRedis | Missing> {
  const program = await findProgram({ names: ['redis-server'], package: 'redis-server' })
  if (isMissing(program)) return program
  const directory = makeDirectory('redis')
  const port = await findFreePort()
  const run = (): Promise<RunningProgram> =>
    runProgram({
      path: program.path,
      args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', directory, ...args],
      directory,
      isReady: () => accepts(port),
    })
  let running = await run()

  const halt = async () => {
    await running.stop()
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    signal: (name) => running.signal(name),
    halt,
    async restart() {
      await running.stop()
      running = await run()
    },
    async stop() {
      await running.stop()
      removeDirectory(directory)
    },
  }
}
