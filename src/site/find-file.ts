// Which file answers a request, and in which coding. Opens it; whoever asked closes it.

import { httpErrors, type RequestContext } from '#http'
import { acceptedCodings, type Coding } from './accepted-codings.ts'
import { toFileNames } from './file-path.ts'
import { type OpenedFile, openFile } from './open-file.ts'

export interface FoundFile extends OpenedFile {
  /** The name that type and cache rule follow, without a coding's ending. */
  readonly name: string
  readonly coding: Coding['name'] | undefined
  /** Whether it is the index.html at the root. */
  readonly isFrontPage: boolean
}

/** Why no file has a path: there is none, or there never is one of such a name. */
export type Absence = 'missing' | 'never'

export interface FindOptions {
  /** Without symbolic links. */
  readonly root: string
  /** Raw, below the site's prefix, with a leading slash. */
  readonly path: string
  /** Whether a path that ends with a slash means the index.html of that folder. */
  readonly hasFolderIndexes: boolean
  /** Whether the index.html at the root answers where there is no file. */
  readonly answersWithFrontPage: (why: Absence) => boolean
  /** Whether the index.html at the root is wanted as it is, because something is to be filled in. */
  readonly needsPlainFrontPage: boolean
}

const FRONT_PAGE = ['index.html']

/** @throws http.notFound */
export async function findFile(ctx: RequestContext, options: FindOptions): Promise<FoundFile> {
  const names = toFileNames(options.path, options.hasFolderIndexes ? 'index.html' : '')
  if (names === 'ambiguous') throw httpErrors.notFound({})
  const found = names === 'never' ? names : await open(ctx, names, options)
  if (typeof found === 'object') return found
  if (found !== 'missing' && found !== 'never') {
    ctx.log.warn({ event: 'site_file_refused', reason: found, path: options.path }, `a file of the site is ${found}`)
    throw httpErrors.notFound({})
  }
  const page = options.answersWithFrontPage(found) ? await open(ctx, FRONT_PAGE, options) : 'missing'
  if (typeof page === 'string') throw httpErrors.notFound({})
  return page
}

async function open(ctx: RequestContext, names: readonly string[], { root, needsPlainFrontPage }: FindOptions) {
  const isFrontPage = names.length === 1 && names[0] === FRONT_PAGE[0]
  const accepted = ctx.request.headers['accept-encoding']?.toString()
  const codings = isFrontPage && needsPlainFrontPage ? [] : acceptedCodings(accepted)
  const opened = await openInBestCoding(root, names, codings)
  return typeof opened === 'string' ? opened : { ...opened, isFrontPage }
}

/** The original must be there and be servable, whichever coding of it is sent. */
async function openInBestCoding(root: string, names: readonly string[], codings: readonly Coding[]) {
  const original = await openFile(root, names)
  if (typeof original === 'string') return original
  const name = names.at(-1) ?? ''
  for (const coding of codings) {
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
