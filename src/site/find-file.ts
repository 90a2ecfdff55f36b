// Which file answers a request, and in which coding. Opens it; whoever asked closes it.

import { httpErrors, type RequestContext } from '#http'
import { acceptedCodings, type Coding } from './accepted-codings.ts'
import { toFileNames } from './file-path.ts'
import { type OpenedFile, openFile } from './open-file.ts'

export interface FoundFile extends OpenedFile {
  /** The name that type and cache rule follow, without a coding's ending. */
  readonly name: string
  readonly coding: Coding['name'] | undefined
}

export interface FindOptions {
  /** Without symbolic links. */
  readonly root: string
  /** Raw, below the site's prefix, with a leading slash. */
  readonly path: string
  /** Whether index.html answers navigations to what is no file. */
  readonly spa: boolean
}

/** @throws http.notFound */
export async function findFile(ctx: RequestContext, { root, path, spa }: FindOptions): Promise<FoundFile> {
  const names = toFileNames(path)
  if (names === undefined) throw httpErrors.notFound({})
  const found = await openInBestCoding(ctx, root, names)
  if (typeof found !== 'string') return found
  if (found !== 'missing') {
    ctx.log.warn({ event: 'site_file_refused', reason: found, path }, `a file of the site is ${found}`)
    throw httpErrors.notFound({})
  }
  const page = spa && ctx.wantsPage ? await openInBestCoding(ctx, root, ['index.html']) : 'missing'
  if (typeof page === 'string') throw httpErrors.notFound({})
  return page
}

/** The original must be there and be servable, whichever coding of it is sent. */
async function openInBestCoding(ctx: RequestContext, root: string, names: readonly string[]) {
  const original = await openFile(root, names)
  if (typeof original === 'string') return original
  const name = names.at(-1) ?? ''
  for (const coding of acceptedCodings(ctx.request.headers['accept-encoding']?.toString())) {
    const encoded = await openFile(root, [...names.slice(0, -1), `${name}${coding.extension}`]).catch(async (error) => {
      await original.handle.close()
      throw error
    })
    if (typeof encoded === 'string') continue
    await original.handle.close()
    return { ...encoded, name, coding: coding.name }
  }
  return { ...original, name, coding: undefined }
}
