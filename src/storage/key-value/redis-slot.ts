// Which of the 16,384 slots of a Redis Cluster a key belongs to (Redis Cluster specification, "Key distribution model").

/** CRC-16/XMODEM of the key, or of what stands between its first braces, modulo 16,384. */
export function slotOf(key: string): number {
  const bytes = hashedPart(Buffer.from(key))
  let crc = 0
  for (const byte of bytes) crc = ((crc << 8) & 0xffff) ^ (table[(crc >> 8) ^ byte] ?? 0)
  return crc % 16_384
}

/** The first `{` decides, if a `}` follows it and something is between them ("Hash tags"). */
function hashedPart(key: Buffer): Buffer {
  const start = key.indexOf('{')
  const end = start === -1 ? -1 : key.indexOf('}', start + 1)
  return end > start + 1 ? key.subarray(start + 1, end) : key
}

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff
  return crc
})
