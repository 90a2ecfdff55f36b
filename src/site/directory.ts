// A directory whose files answer requests: a site of the configuration, or what a feature serves by rules of its own.

import { realpath } from 'node:fs/promises'
import type { ServerResponse } from 'node:http'
import type { RequestContext } from '#http'
import { createEntityTags } from './entity-tags.ts'
import { type Absence, findFile } from './find-file.ts'
import { openFile } from './open-file.ts'
import { type FileHeaders, serveFile, serveFilledIn } from './serve-file.ts'

export interface DirectoryOptions {
  /** It may be a symbolic link that a deployment switches. */
  readonly path: string
  /** Whether a path that ends with a slash means the index.html of that folder. */
  readonly hasFolderIndexes: boolean
  /** Whether the index.html at the root answers where there is no file. */
  readonly answersWithFrontPage: (ctx: RequestContext, why: Absence) => boolean
  /** Cache-Control by the name of a file; undefined for none. */
  readonly cacheControlOf: (name: string) => string | undefined
  /** Security headers of the answers. */
  readonly headersOf: (ctx: RequestContext) => FileHeaders
  /** Makes of the index.html at the root what this request gets; it has no tag and no parts then. */
  readonly fillInFrontPage?: (ctx: RequestContext, page: string) => string
}

export interface Directory {
  /** What keeps it from being served; undefined if nothing does. */
  findFault(options: { readonly needsFrontPage: boolean }): Promise<DirectoryFault | undefined>
  /**
   * Answers a GET or HEAD.
   *
   * @param path raw, below the prefix of the directory, with a leading slash
   * @throws http.notFound, site.preconditionFailed, site.rangeUnsatisfiable, before anything is written.
   */
  serve(ctx: RequestContext, response: ServerResponse, path: string): Promise<void>
}

export interface DirectoryFault {
  readonly message: string
  readonly cause?: unknown
}

export function createDirectory(options: DirectoryOptions): Directory {
  const { cacheControlOf, fillInFrontPage } = options
  const tagOf = createEntityTags()
  return Object.freeze({
    async findFault({ needsFrontPage }: { readonly needsFrontPage: boolean }) {
      let root: string
      try {
        root = await realpath(options.path)
      } catch (cause) {
        return { message: `its directory ${options.path} cannot be read`, cause }
      }
      const page = needsFrontPage ? await openFile(root, ['index.html']) : undefined
      if (typeof page === 'string') return { message: `index.html in ${options.path} is ${page}` }
      await page?.handle.close()
      return undefined
    },
    async serve(ctx: RequestContext, response: ServerResponse, path: string) {
      const file = await findFile(ctx, {
        // Asked each time, because a deployment may switch a link to the next release.
        root: await realpath(options.path),
        path,
        hasFolderIndexes: options.hasFolderIndexes,
        answersWithFrontPage: (why) => options.answersWithFrontPage(ctx, why),
        needsPlainFrontPage: fillInFrontPage !== undefined,
      })
      try {
        const headers = { ...options.headersOf(ctx), 'cache-control': cacheControlOf(file.name) }
        if (file.isFrontPage && fillInFrontPage !== undefined) {
          await serveFilledIn(ctx, response, file, { headers, fillIn: (page) => fillInFrontPage(ctx, page) })
        } else {
          await serveFile(ctx, response, file, { tagOf, headers, idleMs: IDLE_MS })
        }
      } finally {
        await file.handle.close()
      }
    },
  })
}

/** The same as for what comes from a service. */
const IDLE_MS = 60_000
