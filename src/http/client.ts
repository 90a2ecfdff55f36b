// Who asks: the socket's peer, or what a proxy says that the operator named. Nobody is trusted by default.

import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, type Socket } from 'node:net'
import type { ClientFacts } from './context.ts'

/** Reads the client of a request. `listenerIsTls` is whether the socket itself is encrypted. */
export type ClientReader = (request: IncomingMessage, listenerIsTls: boolean) => ClientFacts

/** Whether a peer is a proxy that the operator named. */
export type TrustCheck = (address: string) => boolean

/** @param trusted addresses, CIDR ranges, and `unix` for peers on a local socket. Already validated by the config. */
export function createTrustCheck(trusted: readonly string[]): TrustCheck {
  const trustsUnix = trusted.includes('unix')
  const addresses = new BlockList()
  for (const entry of trusted.filter((item) => item !== 'unix')) addToList(addresses, entry)
  const isListed = (address: string): boolean =>
    address === 'unix'
      ? trustsUnix
      : isIP(address) !== 0 && addresses.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  if (trusted.length === 0) return () => false
  // A list is dear to ask, and nearly all requests come from the same few proxies and clients.
  const known = new Map<string, boolean>()
  return (address) => {
    const remembered = known.get(address)
    if (remembered !== undefined) return remembered
    if (known.size >= MAX_KNOWN) known.clear()
    const answer = isListed(address)
    known.set(address, answer)
    return answer
  }
}

const MAX_KNOWN = 1000

export function createClientReader(isTrusted: TrustCheck): ClientReader {
  return (request, listenerIsTls) => {
    const peer = peerOf(request.socket)
    const protocol = listenerIsTls ? 'https' : 'http'
    if (!isTrusted(peer)) return { address: peer, protocol, viaTrustedProxy: false }
    const forwardedProtocol = single(request.headers['x-forwarded-proto'])
    return {
      address: findClient(request.headers['x-forwarded-for'], peer, isTrusted),
      protocol: forwardedProtocol === 'https' || forwardedProtocol === 'http' ? forwardedProtocol : protocol,
      viaTrustedProxy: true,
    }
  }
}

/** That an address is missing does not make a connection local: of one that was reset it is missing too. */
const local = new WeakSet<object>()

/** Called for each connection of a unix socket that we listen on. */
export const markLocal = (socket: object): void => void local.add(socket)

/** The address of a connection's other end, `unix` for a local socket, `unknown` if it is gone. */
export const peerOf = (socket: Pick<Socket, 'remoteAddress'>): string =>
  normalizeAddress(socket.remoteAddress ?? (local.has(socket) ? 'unix' : 'unknown'))

/** Whether a config entry is one that `createTrustCheck` understands. */
export function isTrustEntry(entry: string): boolean {
  try {
    if (entry !== 'unix') addToList(new BlockList(), entry)
    return true
  } catch {
    return false
  }
}

function addToList(list: BlockList, entry: string): void {
  const [address = '', prefix, rest] = entry.split('/')
  const family = isIP(address)
  if (family === 0 || rest !== undefined) throw new Error(`not an address or range: ${entry}`)
  const type = family === 6 ? 'ipv6' : 'ipv4'
  if (prefix === undefined) {
    list.addAddress(address, type)
    return
  }
  // A range of everything would trust every client with its own identity.
  if (!/^[0-9]{1,3}$/.test(prefix) || Number(prefix) === 0) throw new Error(`not a range: ${entry}`)
  list.addSubnet(address, Number(prefix), type)
}

/** The first address from the right that is not a trusted proxy; junk ends the search at the last good one. */
function findClient(
  header: string | string[] | undefined,
  peer: string,
  isTrusted: (address: string) => boolean,
): string {
  let client = peer
  const hops = (typeof header === 'string' ? header : (header ?? []).join(',')).split(',').reverse()
  for (const hop of hops) {
    const address = normalizeAddress(hop.trim())
    if (isIP(address) === 0) return client
    client = address
    if (!isTrusted(address)) return client
  }
  return client
}

/** IPv4-mapped IPv6 becomes IPv4; brackets and a port, which some proxies add, go. */
function normalizeAddress(text: string): string {
  if (!DECORATED.test(text)) return text
  const bracketed = /^\[([0-9A-Fa-f:.]+)\](?::[0-9]+)?$/.exec(text)?.[1]
  const withPort = /^([0-9.]+):[0-9]+$/.exec(text)?.[1]
  const address = bracketed ?? withPort ?? text
  return /^::ffff:([0-9.]+)$/i.exec(address)?.[1] ?? address
}

/** IPv6, or IPv4 with something around it. */
const DECORATED = /[:[]/

const single = (header: string | string[] | undefined): string | undefined =>
  typeof header === 'string' ? header.split(',').at(-1)?.trim() : undefined
