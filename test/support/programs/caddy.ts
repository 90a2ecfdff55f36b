// A real Caddy with a Caddyfile of the test's own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { accepts, findFreePort, makeDirectory, removeDirectory, runProgram } from './run-program.ts'

export interface Caddy {
  readonly url: string
  readonly port: number
  stop(): Promise<void>
}

/**
 * @param sites what stands in the Caddyfile; one site listens on `http://127.0.0.1:PORT`
 * @example
 * await startCaddy(({ port }) => `http://127.0.0.1:${port} { reverse_proxy ${gateway.url} }`)
 */
export async function startCaddy(sites: (place: { readonly port: number }) => string): Promise<Caddy | Missing> {
  const program = await findProgram({ names: ['caddy'], package: 'caddy' })
  if (isMissing(program)) return program
  const directory = makeDirectory('caddy')
  const port = await findFreePort()
  const file = join(directory, 'Caddyfile')
  writeFileSync(file, `{\n\tadmin off\n\tauto_https off\n}\n${sites({ port })}`)
  const running = await runProgram({
    // It keeps things in the home folder unless told where else.
    path: '/usr/bin/env',
    args: [
      `XDG_CONFIG_HOME=${directory}`,
      `XDG_DATA_HOME=${directory}`,
      program.path,
      'run',
      '--config',
      file,
      '--adapter',
      'caddyfile',
    ],
    directory,
    isReady: () => accepts(port),
  })
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    async stop() {
      await running.stop()
      removeDirectory(directory)
    },
  }
}
