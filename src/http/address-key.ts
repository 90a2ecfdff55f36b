// Whom an address stands for when something is counted: an IPv4 address for itself, an IPv6 address for its /64, because
// whoever has one of those has them all.

const MAX_KNOWN = 10_000
const known = new Map<string, string>()

/** The address itself, or `2001:db8:0:1::/64`; an IPv4-mapped address counts as the IPv4 address that it is. */
export function addressKey(address: string): string {
  if (!address.includes(':')) return address
  const found = known.get(address)
  if (found !== undefined) return found
  if (known.size >= MAX_KNOWN) known.clear()
  const key = toNetwork(address)
  known.set(address, key)
  return key
}

function toNetwork(address: string): string {
  const [unzoned = ''] = address.split('%')
  const [head = '', tail] = unzoned.split('::')
  const start = toGroups(head)
  const end = toGroups(tail ?? '')
  const groups = [...start, ...Array<number>(Math.max(0, 8 - start.length - end.length)).fill(0), ...end]
  // RFC 4291 §2.5.5.2
  if (groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0)) {
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.')
  }
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`
}

const toGroups = (text: string): number[] =>
  text === ''
    ? []
    : text.split(':').flatMap((part) => (part.includes('.') ? fromIpv4(part) : [Number.parseInt(part, 16)]))

function fromIpv4(text: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number)
  return [a * 256 + b, c * 256 + d]
}
