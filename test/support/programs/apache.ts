// A real Apache httpd with a configuration of the test's own.

import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram, install } from './find-program.ts'
import { isMissing, type Missing, missing } from './missing.ts'
import type { DebianPackage } from './packages.ts'
import { accepts, findFreePort, makeDirectory, removeDirectory, runProgram } from './run-program.ts'

export interface Apache {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Holds the configuration and `error.log`. */
  readonly directory: string
  stop(): Promise<void>
}

export interface ApacheOptions {
  /** Names of modules beside those that every server needs: `proxy`, `proxy_http`. */
  readonly modules: readonly string[]
  /** Debian's package that brings them, where it is not Apache's own. */
  readonly package?: DebianPackage
  /** Where others must know it beforehand; free if absent. */
  readonly port?: number
}

/** Where Debian's package keeps modules. */
const MODULES = '/usr/lib/apache2/modules'
/** Without these it cannot start, or cannot say who may. */
const ALWAYS = ['mpm_event', 'authz_core', 'headers']

/**
 * @param configuration what follows the basics; it listens on 127.0.0.1:PORT already
 * @example
 * await startApache({ modules: ['proxy', 'proxy_http'] }, () => `ProxyPass / ${gateway.url}/`)
 */
export async function startApache(
  { modules, package: extra, port: wantedPort }: ApacheOptions,
  configuration: (place: { readonly port: number; readonly directory: string }) => string,
): Promise<Apache | Missing> {
  const program = await findProgram({ names: ['apache2'], package: 'apache2' })
  if (isMissing(program)) return program
  const wanted = [...ALWAYS, ...modules].map((name) => ({ name, path: join(MODULES, `mod_${name}.so`) }))
  const isHere = ({ path }: { readonly path: string }): boolean => existsSync(path)
  const failure = extra !== undefined && !wanted.every(isHere) ? await install(extra) : undefined
  const lacking = wanted.find((module) => !isHere(module))
  if (lacking !== undefined) return missing(`Apache has no module ${lacking.name}: ${failure ?? 'nothing brought it'}`)
  const directory = makeDirectory('apache')
  const port = wantedPort ?? (await findFreePort())
  const file = join(directory, 'httpd.conf')
  const basics = [
    `ServerRoot ${directory}`,
    'ServerName 127.0.0.1',
    `Listen 127.0.0.1:${port}`,
    `PidFile ${directory}/pid`,
    `ErrorLog ${directory}/error.log`,
    `Mutex posixsem`,
    ...wanted.map(({ name, path }) => `LoadModule ${name}_module ${path}`),
    ...(process.getuid?.() === 0 ? ['User www-data', 'Group www-data'] : []),
  ]
  writeFileSync(file, `${basics.join('\n')}\n${configuration({ port, directory })}\n`)
  const running = await runProgram({
    path: program.path,
    args: ['-D', 'FOREGROUND', '-f', file],
    directory,
    isReady: () => accepts(port),
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: running.pid,
    directory,
    async stop() {
      await running.stop()
      removeDirectory(directory)
    },
  }
}
