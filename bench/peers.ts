// The proxies that are compared: nginx and configurable-http-proxy forwarding without any check, as their manuals have
// it, and Gatehouse checking the session and signing.

import { fileURLToPath } from 'node:url'
import {
  findFreePort,
  isMissing,
  makeDirectory,
  removeDirectory,
  runProgram,
  startNginx,
} from '../test/support/programs.ts'

export interface Peer {
  readonly name: string
  readonly url: string
  readonly pid: number
  stop(): Promise<void>
}

/** One worker, connections to the upstream kept open, nothing logged, nothing put on disk. */
export async function startNginxPeer(upstreamUrl: string): Promise<Peer> {
  const nginx = await startNginx(
    ({ port }) => `
  proxy_max_temp_file_size 0;
  proxy_request_buffering off;
  client_max_body_size 0;
  keepalive_requests 10000000;
  upstream up { server ${new URL(upstreamUrl).host}; keepalive 128; keepalive_requests 10000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }
  }`,
  )
  if (isMissing(nginx)) throw new Error(nginx.missing)
  return { name: 'nginx', url: nginx.url, pid: nginx.pid, stop: nginx.stop }
}

const CHP = fileURLToPath(
  new URL('../node_modules/configurable-http-proxy/bin/configurable-http-proxy', import.meta.url),
)

export async function startChpPeer(upstreamUrl: string): Promise<Peer> {
  const [port, apiPort] = [await findFreePort(), await findFreePort()]
  const addresses = ['--ip', '127.0.0.1', '--port', `${port}`, '--api-ip', '127.0.0.1', '--api-port', `${apiPort}`]
  const directory = makeDirectory('chp')
  const url = `http://127.0.0.1:${port}`
  const program = await runProgram({
    path: process.execPath,
    args: [CHP, ...addresses, '--default-target', upstreamUrl, '--log-level', 'warn'],
    directory,
    isReady: () => answers(url),
  })
  return { name: 'chp', url, pid: program.pid, stop: () => ended(program, directory) }
}

const BARE = fileURLToPath(new URL('bare-server.ts', import.meta.url))

/** The least that this runtime can do: forwarding to the upstream, or answering by itself if there is none. */
export async function startBarePeer(upstreamUrl?: string): Promise<Peer> {
  const port = await findFreePort()
  const directory = makeDirectory('bare')
  const url = `http://127.0.0.1:${port}`
  const program = await runProgram({
    path: process.execPath,
    args: [BARE, `${port}`, ...(upstreamUrl === undefined ? [] : [upstreamUrl])],
    directory,
    isReady: () => answers(url),
  })
  return { name: 'bare', url, pid: program.pid, stop: () => ended(program, directory) }
}

/** Whether anything answers there by HTTP. */
export const answers = async (url: string): Promise<boolean> => {
  try {
    await (await fetch(url, { redirect: 'manual' })).arrayBuffer()
    return true
  } catch {
    return false
  }
}

export async function ended(program: { stop(): Promise<void> }, directory: string): Promise<void> {
  await program.stop()
  removeDirectory(directory)
}
