// A real nginx with a configuration of the test's own.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'
import { accepts, findFreePort, makeDirectory, removeDirectory, runProgram } from './run-program.ts'

export interface Nginx {
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Holds the configuration, `error.log` and `log`. */
  readonly directory: string
  stop(): Promise<void>
}

export interface NginxPlace {
  /** Free; listen on `127.0.0.1:PORT`. */
  readonly port: number
  readonly directory: string
}

/**
 * @param http what stands inside `http { … }`
 * @example
 * await startNginx(({ port }) => `server { listen 127.0.0.1:${port}; location / { proxy_pass ${gateway.url}; } }`)
 */
export async function startNginx(http: (place: NginxPlace) => string): Promise<Nginx | Missing> {
  const program = await findProgram({ names: ['nginx'], package: 'nginx-light' })
  if (isMissing(program)) return program
  const directory = makeDirectory('nginx')
  const port = await findFreePort()
  const file = join(directory, 'nginx.conf')
  writeFileSync(file, configuration(directory, http({ port, directory })))
  const running = await runProgram({
    path: program.path,
    args: ['-p', directory, '-c', file, '-e', join(directory, 'error.log')],
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

const configuration = (directory: string, http: string): string => `
${process.getuid?.() === 0 ? 'user root;' : ''}
daemon off;
pid ${directory}/pid;
worker_processes 1;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  proxy_temp_path ${directory}/proxy;
  fastcgi_temp_path ${directory}/fastcgi;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
${http}
}
`
