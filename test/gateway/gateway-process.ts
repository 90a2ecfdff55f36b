// The gateway as operators run it: `gatehouse serve` in a process of its own, for what is about the process. Ended with
// this one, however this one ends.

import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { makeDirectory, removeDirectory } from '../support/programs.ts'
import type { ConfigLayer } from '../support/start-gateway.ts'
import { openTestStores, type TestStores } from '../support/test-stores.ts'

export interface GatewayProcess extends AsyncDisposable {
  /** What people open, without a slash at the end. */
  readonly url: string
  readonly port: number
  readonly listening: readonly string[]
  readonly pid: number
  /** Resolves once the log has an event of this name. */
  said(event: string): Promise<LogLine>
  /** Resolves when the log has the next one of this name. */
  saysNext(event: string): Promise<LogLine>
  /** What it was started with. */
  readonly configFile: string
  /** Every line of the log so far. */
  readonly logs: readonly LogLine[]
  signal(name: NodeJS.Signals): void
  readonly exited: Promise<Exit>
}

export type LogLine = Readonly<Record<string, unknown>>

export interface Exit {
  /** Null if a signal ended it. */
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** Of `performance.now()`. */
  readonly atMs: number
}

export interface ProcessSettings {
  readonly config?: ConfigLayer
  /** Shared with other nodes; of its own if absent. */
  readonly stores?: TestStores
  /** A listening descriptor to pass on as systemd does. */
  readonly systemdDescriptor?: number
  /** Beside what this process has. */
  readonly env?: Readonly<Record<string, string>>
}

/** Resolves when it is ready. @throws with what it said if it ends before */
export async function startGatewayProcess(settings: ProcessSettings = {}): Promise<GatewayProcess> {
  const directory = makeDirectory('process')
  const file = join(directory, 'gatehouse.yaml')
  const { server, ...others } = settings.config ?? {}
  const stores = settings.stores ?? (await openTestStores())
  const base = { telemetry: { metrics: false }, storage: stores.config }
  const listen = { listen: '127.0.0.1:0' }
  writeFileSync(file, stringify({ ...base, ...others, server: { ...listen, ...(server as object) } }))

  const child = launch(file, settings)
  running.add(child)
  const exited = once(child, 'exit').then(([code, signal]): Exit => {
    running.delete(child)
    return { code, signal, atMs: performance.now() }
  })
  const complaints: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => complaints.push(chunk.toString()))
  const events = new EventEmitter()
  const seen = new Map<string, LogLine>()
  const logs: LogLine[] = []
  createInterface(child.stdout as NodeJS.ReadableStream).on('line', (line) => {
    const entry = JSON.parse(line) as LogLine
    logs.push(entry)
    seen.set(String(entry.event), entry)
    events.emit(String(entry.event), entry)
  })
  const ended = exited.then(({ code }): never => {
    throw new Error(`the gateway ended with ${code}: ${complaints.join('')}`)
  })
  ended.catch(() => {})
  const saysNext = (event: string): Promise<LogLine> =>
    Promise.race([once(events, event).then(([entry]) => entry as LogLine), ended])
  const said = async (event: string): Promise<LogLine> => seen.get(event) ?? saysNext(event)
  const { url, listening } = (await said('ready')) as { readonly url: string; readonly listening: readonly string[] }

  return Object.freeze({
    url,
    listening,
    said,
    saysNext,
    configFile: file,
    logs,
    exited,
    port: Number(new URL(url).port),
    pid: child.pid ?? 0,
    signal: (name: NodeJS.Signals) => void child.kill(name),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
      removeDirectory(directory)
      if (settings.stores === undefined) await stores[Symbol.asyncDispose]()
    },
  })
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
/** What these variables tell tests is no setting of the gateway's. */
const ownEnv = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GATEHOUSE_')))
const running = new Set<ChildProcess>()
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

function launch(file: string, { systemdDescriptor: descriptor, env: more }: ProcessSettings): ChildProcess {
  const command = [process.execPath, main, 'serve', '--config', file]
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe']
  const env = { ...ownEnv, ...more }
  if (descriptor === undefined) return spawn(command[0] as string, command.slice(1), { stdio, env })
  // As systemd does (sd_listen_fds(3)): the first one is 3, and LISTEN_PID names the process that is to have it.
  const script = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@"'
  return spawn('/bin/sh', ['-c', script, 'sh', ...command], {
    stdio: [...(stdio as string[]), descriptor] as StdioOptions,
    env,
  })
}
