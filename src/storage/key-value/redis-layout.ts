// Which server of a Redis Cluster has which slots, as its servers tell (CLUSTER NODES). While they disagree, the newer
// configuration counts, slot by slot.

import type { RedisAddress } from './redis-config.ts'

export interface ClusterLayout {
  /** The primaries that have slots, by name. */
  readonly primaries: ReadonlyMap<string, RedisAddress>
  /** The name of the primary of each slot. */
  readonly owners: readonly (string | undefined)[]
  readonly isCovered: boolean
}

export const nameOf = ({ host, port }: RedisAddress): string => `${host}:${port}`

/** What a server said, and where it was asked: it may leave out its own address. */
export interface Told {
  readonly text: string
  readonly host: string
}

interface Owner {
  readonly address: RedisAddress
  readonly epoch: number
}

export function toLayout(told: readonly Told[]): ClusterLayout {
  const slots = Array.from<Owner | undefined>({ length: slotCount })
  for (const { text, host } of told) {
    for (const line of text.split('\n')) claim(slots, line.trim(), host)
  }
  const owners = Array.from(slots, (owner) => owner && nameOf(owner.address))
  const primaries = new Map(slots.flatMap((owner) => (owner ? [[nameOf(owner.address), owner.address]] : [])))
  return { primaries, owners, isCovered: !owners.includes(undefined) }
}

const slotCount = 16_384

/** `id host:port@bus[,name] flags primary ping pong epoch link slots …` */
function claim(slots: (Owner | undefined)[], line: string, askedHost: string): void {
  const [, place = '', flags = '', , , , epochText, , ...ranges] = line.split(' ')
  const address = parsePlace(place, askedHost)
  if (address === undefined || !flags.split(',').includes('master')) return
  const owner = { address, epoch: Number(epochText) }
  for (const range of ranges) {
    // What is on its way between two servers stands in brackets; it is with the one that has it in its ranges.
    const [, from = '', to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? []
    if (from === '') continue
    for (let slot = Number(from); slot <= Math.min(Number(to), slotCount - 1); slot += 1) {
      const rival = slots[slot]
      if (rival === undefined || rival.epoch < owner.epoch) slots[slot] = owner
    }
  }
}

export function parsePlace(place: string, askedHost: string): RedisAddress | undefined {
  const [, host = '', port = ''] = /^(.*):(\d{1,5})(?:@.*)?$/.exec(place) ?? []
  return port === '' ? undefined : { host: host === '' ? askedHost : host, port: Number(port) }
}
