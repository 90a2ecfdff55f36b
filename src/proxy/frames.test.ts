import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { closeFrame, FrameTracker } from './frames.ts'

interface Frame {
  readonly opcode: number
  readonly length: number
  readonly masked: boolean
}

const encode = ({ opcode, length, masked }: Frame): Buffer => {
  const mask = masked ? 0x80 : 0
  const extended = Buffer.alloc(length > 65_535 ? 8 : length > 125 ? 2 : 0)
  if (extended.length === 8) extended.writeBigUInt64BE(BigInt(length))
  if (extended.length === 2) extended.writeUInt16BE(length)
  const short = extended.length === 8 ? 127 : extended.length === 2 ? 126 : length
  return Buffer.concat([
    Buffer.from([0x80 | opcode, mask | short]),
    extended,
    Buffer.alloc((masked ? 4 : 0) + length, 0x88),
  ])
}

const frame = fc.record({
  opcode: fc.constantFrom(0, 1, 2, 9, 10),
  length: fc.oneof(fc.integer({ min: 0, max: 130 }), fc.constantFrom(125, 126, 65_535, 65_536, 70_000)),
  masked: fc.boolean(),
})

const chunksOf = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
  const at = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end))
}

test('a boundary is seen exactly where a frame ends, however the bytes are cut', () => {
  fc.assert(
    fc.property(
      fc.array(frame, { minLength: 1, maxLength: 6 }),
      fc.array(fc.nat(), { maxLength: 12 }),
      (frames, cuts) => {
        const encoded = frames.map(encode)
        const boundaries = new Set<number>([0])
        for (const each of encoded) boundaries.add(Math.max(...boundaries) + each.length)
        const tracker = new FrameTracker()
        let position = 0
        for (const chunk of chunksOf(Buffer.concat(encoded), cuts)) {
          assert.equal(tracker.advance(chunk), chunk.length)
          position += chunk.length
          assert.equal(tracker.isAtBoundary, boundaries.has(position))
        }
        assert.equal(tracker.messageFrames, frames.filter(({ opcode }) => opcode < 8).length)
        assert.equal(tracker.hasClosed, false)
      },
    ),
  )
})

test('asked to stop at a boundary, it takes the rest of the frame and nothing after', () => {
  fc.assert(
    fc.property(frame, frame, fc.nat(), (first, second, cut) => {
      const [one, two] = [encode(first), encode(second)]
      const start = cut % (one.length + 1)
      const tracker = new FrameTracker()
      tracker.advance(one.subarray(0, start))
      const rest = Buffer.concat([one.subarray(start), two])
      const expected = tracker.isAtBoundary ? 0 : one.length - start
      assert.equal(tracker.advance(rest, 'boundary'), expected)
      assert.equal(tracker.isAtBoundary, true)
    }),
  )
})

test('a Close frame counts once it is whole', () => {
  for (const to of ['client', 'server'] as const) {
    const bytes = closeFrame(to, 4401, 'session ended')
    const tracker = new FrameTracker()
    for (const byte of bytes) {
      assert.equal(tracker.hasClosed, false)
      tracker.advance(Buffer.from([byte]))
    }
    assert.equal(tracker.hasClosed && tracker.isAtBoundary, true)
    assert.equal(tracker.messageFrames, 0)
  }
})

test('a Close frame to a server is masked and reads back', () => {
  const bytes = closeFrame('server', 1001, 'gone')
  assert.equal(bytes[1], 0x80 | 6)
  const payload = bytes.subarray(6).map((byte, index) => byte ^ (bytes[2 + (index % 4)] as number))
  assert.deepEqual(Buffer.from(payload), Buffer.concat([Buffer.from([0x03, 0xe9]), Buffer.from('gone')]))
  assert.deepEqual(closeFrame('client', 1000, ''), Buffer.from([0x88, 2, 0x03, 0xe8]))
})

test('a frame of absurd length is followed in constant space', () => {
  const tracker = new FrameTracker()
  tracker.advance(Buffer.from([0x82, 0x7f, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]))
  assert.equal(tracker.advance(Buffer.alloc(1 << 20), 'boundary'), 1 << 20)
  assert.equal(tracker.isAtBoundary, false)
})
