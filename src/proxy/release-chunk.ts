// Gives the memory of a big chunk back as soon as it has been passed on. V8 itself only counts such memory, and answers
// every 64 MiB of it with a collection of everything, which cost more than all the rest of a large transfer.

import type { Socket } from 'node:net'

const WORTH_IT_BYTES = 16 * 1024

/** For `write(chunk, callback)`: undefined where waiting for the collector is cheaper. */
export const releaseWhenWritten = (chunk: Buffer): (() => void) | undefined =>
  chunk.length < WORTH_IT_BYTES ? undefined : () => release(chunk)

/** The same for all that undici writes to a socket: it keeps nothing of a body, but does not say when it is through. */
export function releaseAllWritten(socket: Socket): void {
  const write = socket.write.bind(socket)
  const writeAndRelease = (chunk: string | Buffer, encoding?: BufferEncoding): boolean =>
    typeof chunk === 'string' ? write(chunk, encoding) : write(chunk, releaseWhenWritten(chunk))
  socket.write = writeAndRelease as Socket['write']
}

/** Only if the chunk is all there is in its memory: otherwise a parser may still hold a view of the rest. */
function release({ buffer, length }: Buffer): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0)
}
