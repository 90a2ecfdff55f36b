// This machine: how many files may be open, whether the addresses to listen at are free or ours, and the certificate that
// the gateway itself shows.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { formatListenAddress, type ListenAddress } from '#config'
import { type Check, type Finding, failure, judgeCertificate, ok, skipped, warning } from './finding.ts'

export const checkMachine: Check = async ({ loaded }) => {
  const { server } = loaded.config
  return [
    checkOpenFiles(server.limits.connections),
    ...(await Promise.all(server.listen.map(checkAddress))),
    ...(server.tls
      ? [
          judgeCertificate(
            'certificate server.tls',
            new Date(new X509Certificate(server.tls.certificate).validTo),
            Date.now(),
          ),
        ]
      : []),
  ]
}

/** A connection that is forwarded, or a WebSocket, takes two. */
const FILES_PER_CONNECTION = 2
const OTHER_FILES = 200

function checkOpenFiles(connections: number): Finding {
  const allowed = readLimit()
  if (allowed === undefined) return skipped('open files', 'this system does not say how many may be open')
  const needed = connections * FILES_PER_CONNECTION + OTHER_FILES
  const what = `${allowed} may be open; server.limits.connections (${connections}) needs up to ${needed}`
  if (allowed >= needed) return ok('open files', what)
  return warning(
    'open files',
    `${what} (as whoever runs the doctor)`,
    `set LimitNOFILE=${needed} in the unit, or ulimit -n ${needed}, or lower server.limits.connections`,
  )
}

function readLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return soft === 'unlimited' ? Number.POSITIVE_INFINITY : Number(soft)
  } catch {
    return undefined
  }
}

async function checkAddress(address: ListenAddress): Promise<Finding> {
  const check = `listen ${formatListenAddress(address)}`
  if (address.kind !== 'tcp') return skipped(check, 'only TCP addresses are looked at')
  if (await accepts(address)) return ok(check, 'something listens there: the gateway, if it runs')
  const why = await whyNotFree(address)
  if (why === undefined) return ok(check, 'it is free: the gateway does not run, and can')
  return failure(
    check,
    `nobody can listen there: ${why}`,
    'name another address in server.listen, or allow this one to the user',
  )
}

type TcpAddress = Extract<ListenAddress, { readonly kind: 'tcp' }>

/** Where everybody is listened to, one asks this machine. */
const hostToAsk = ({ host }: TcpAddress): string => (host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host)

const accepts = (address: TcpAddress): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ host: hostToAsk(address), port: address.port, timeout: 1000 })
    const end = (answer: boolean) => () => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', end(true)).once('error', end(false)).once('timeout', end(false))
  })

const whyNotFree = ({ host, port }: TcpAddress): Promise<string | undefined> =>
  new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(error.message))
    server.listen({ host, port }, () => server.close(() => resolve(undefined)))
  })
