// Runs a program in a temporary folder of its own and ends it with this process, however this process ends.

import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { chownSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

export interface RunningProgram {
  readonly pid: number
  /** Sends a signal, such as SIGSTOP or SIGKILL. */
  signal(name: NodeJS.Signals): void
  /** Resolves when the process has ended. */
  readonly ended: Promise<void>
  /** Asks it to end, insists after three seconds, and waits. */
  stop(): Promise<void>
}

export interface RunOptions {
  readonly path: string
  readonly args: readonly string[]
  /** Its working directory; the log goes to `log` in it. */
  readonly directory: string
  /** Run as this user instead of root. */
  readonly user?: SystemUser | undefined
  /** How to ask it to end; SIGTERM unless told. */
  readonly stopSignal?: NodeJS.Signals
  /** Resolves to true when it serves. @param pid of the process, which may have been started again */
  readonly isReady: (pid: number) => Promise<boolean>
}

export interface SystemUser {
  readonly uid: number
  readonly gid: number
}

const running = new Set<ChildProcess>()
const temporary = new Set<string>()

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL')
  for (const directory of temporary) removeDirectory(directory)
})

/** A folder in the system's temporary one, removed with this process. */
export function makeDirectory(name: string, owner?: SystemUser): string {
  const directory = mkdtempSync(join(tmpdir(), `gatehouse-test-${name}-`))
  if (owner !== undefined) chownSync(directory, owner.uid, owner.gid)
  temporary.add(directory)
  return directory
}

export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true, maxRetries: 5 })
  temporary.delete(directory)
}

/** @throws with the end of its log if it ends, or does not serve within 30 seconds. */
export async function runProgram(options: RunOptions): Promise<RunningProgram> {
  const { stopSignal = 'SIGTERM', directory } = options
  const log = openSync(join(directory, 'log'), 'a')
  const [path, args] = boundToUs(options, stopSignal)
  const child = spawn(path, args, {
    cwd: directory,
    stdio: ['ignore', log, log],
    ...(options.user && { uid: options.user.uid, gid: options.user.gid }),
  })
  running.add(child)
  const ended = once(child, 'exit').then(() => void running.delete(child))
  await waitUntilReady(options, child)
  child.unref()

  return {
    pid: child.pid ?? 0,
    ended,
    signal: (name) => void child.kill(name),
    async stop() {
      if (!running.has(child)) return
      child.kill(stopSignal)
      child.kill('SIGCONT')
      const insist = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await ended
      clearTimeout(insist)
    },
  }
}

/** A program that a test may treat badly; its folder goes with it. */
export interface Restartable {
  /** Sends a signal, such as SIGSTOP, SIGCONT or SIGKILL. */
  signal(name: NodeJS.Signals): void
  /** Ends it; what it kept on disk stays. */
  halt(): Promise<void>
  /** Starts it again after a SIGKILL or `halt`. */
  restart(): Promise<void>
  stop(): Promise<void>
}

export async function runRestartable(options: RunOptions): Promise<Restartable> {
  let program = await runProgram(options)
  return {
    signal: (name) => program.signal(name),
    halt: () => program.stop(),
    async restart() {
      await program.stop()
      program = await runProgram(options)
    },
    async stop() {
      await program.stop()
      removeDirectory(options.directory)
    },
  }
}

/** On Linux the kernel ends it even if this process is killed. */
function boundToUs({ path, args }: RunOptions, stopSignal: NodeJS.Signals): [string, readonly string[]] {
  if (process.platform !== 'linux' || !existsSync('/usr/bin/setpriv')) return [path, args]
  return ['/usr/bin/setpriv', ['--pdeathsig', stopSignal.replace('SIG', ''), '--', path, ...args]]
}

async function waitUntilReady({ isReady, directory, path }: RunOptions, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + 30_000
  while (!(await isReady(child.pid ?? 0))) {
    const failure = child.exitCode !== null || child.signalCode !== null ? 'ended' : 'does not serve after 30 s'
    if (failure === 'ended' || Date.now() > deadline) {
      child.kill('SIGKILL')
      throw new Error(`${path} ${failure}:\n${readFileSync(join(directory, 'log'), 'utf8').slice(-2_000)}`)
    }
    await pause(20)
  }
}

/** @throws if it does not become so in time */
export async function waitUntil(isSo: () => Promise<boolean>, limitMs = 30_000): Promise<void> {
  const deadline = Date.now() + limitMs
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error(`not so after ${limitMs} ms: ${isSo.toString()}`)
    await pause(20)
  }
}

/** A port of 127.0.0.1 that was free a moment ago, and is none that systems give to whoever asks for any. */
export async function findFreePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    if (await isFree(port)) return port
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

/** Whether something accepts connections there. */
export const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
