// Strong entity tags from the content: the same on every node and after every deployment that changes nothing, and
// another one whenever a byte differs, which times of files in reproducible images do not tell.

import { createHash } from 'node:crypto'
import type { OpenedFile } from './open-file.ts'

export type EntityTags = (file: OpenedFile) => Promise<string | undefined>

/** Larger files get no tag: nobody should wait for their first byte until all of them was read. */
const MAX_SIZE_BYTES = 64 * 1024 * 1024
const MAX_KNOWN = 10_000

/** Each content is read once per process; requests that come meanwhile wait for the same reading. */
export function createEntityTags(): EntityTags {
  const known = new Map<string, Promise<string>>()
  return async (file) => {
    if (file.sizeBytes > MAX_SIZE_BYTES) return undefined
    const found = known.get(file.revision)
    if (found !== undefined) return found
    const [oldest] = known.keys()
    if (known.size >= MAX_KNOWN && oldest !== undefined) known.delete(oldest)
    const tag = hash(file)
    known.set(file.revision, tag)
    tag.catch(() => known.delete(file.revision))
    return tag
  }
}

async function hash({ handle, sizeBytes }: OpenedFile): Promise<string> {
  const digest = createHash('sha256')
  const chunk = Buffer.allocUnsafe(Math.min(sizeBytes, 256 * 1024) || 1)
  for (let position = 0; position < sizeBytes; ) {
    const { bytesRead } = await handle.read(chunk, 0, chunk.length, position)
    if (bytesRead === 0) throw new Error('the file became shorter while it was read')
    digest.update(chunk.subarray(0, bytesRead))
    position += bytesRead
  }
  return `"${digest.digest('base64url').slice(0, 27)}"`
}
