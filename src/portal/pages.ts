// The portal's addresses. Each answers with the same page, which loads the script that draws the rest; where nothing has been
// built, or a browser runs no script, the services are listed plainly.

import { z } from 'zod'
import type { Access } from '#access'
import {
  type Answer,
  defineRoute,
  httpErrors,
  ownPage,
  type PublicUrl,
  page,
  type RequestContext,
  type Route,
  seeOther,
} from '#http'
import type { ListApps } from './apps.ts'
import { ASSETS_PREFIX } from './assets-mount.ts'
import type { FindLook } from './chosen-look.ts'
import type { Looks } from './look.ts'
import { ADMIN_PAGES, type PortalHome } from './place.ts'
import type { WebBuild } from './web-build.ts'

export interface PortalPagesDeps {
  readonly access: Pick<Access, 'principal'>
  readonly publicUrl: Pick<PublicUrl, 'pathTo' | 'basePath'>
  readonly looks: Pick<Looks, 'read'>
  readonly findLook: FindLook
  readonly listApps: ListApps
  readonly home: PortalHome
  /** The addresses that are for everybody who is logged in, below that. */
  readonly paths: readonly string[]
  /** Undefined where nothing has been built. */
  readonly build: () => WebBuild | undefined
}

export function createPortalPages(deps: PortalPagesDeps): readonly Route[] {
  const { access, publicUrl, looks, findLook, listApps, home, paths, build } = deps

  const show = async (ctx: RequestContext) => {
    const services = listApps(ctx)
    const built = build()
    if (built === undefined) return page('home', 'Services', { services })
    const principal = access.principal(ctx)
    const fileOf = (path: string): string => publicUrl.pathTo(`${ASSETS_PREFIX}${path.replace(/^assets\//, '')}`)
    const data = {
      services,
      script: fileOf(built.script),
      styles: built.styles.map(fileOf),
      preloads: built.preloads.map(fileOf),
      basePath: publicUrl.basePath,
      home: `${publicUrl.basePath}${home}`,
      look: principal === undefined ? looks.read(ctx) : await findLook(ctx, principal.userId),
    }
    return ownPage('portal', data)
  }

  const route = (path: string, access: Route['access'], handle = show): Route =>
    defineRoute({
      method: 'GET',
      path,
      routeClass: 'page',
      access,
      params: names,
      handle: (ctx, { params }) => {
        if (!isPageName(params.page)) throw httpErrors.notFound({})
        return handle(ctx)
      },
    })

  return [
    ...paths.map((path) => ({ path, access: 'self' as const })),
    ...ADMIN_PAGES.map((path) => ({ path, access: 'admin' as const })),
  ].flatMap(({ path, access: mayOpen }) =>
    home === ''
      ? [route(path, mayOpen), route(`${ELSEWHERE}${path}`, mayOpen, leadHome)]
      : [route(`${home}${path}`, mayOpen)],
  )
}

/** Below it every page has an address that holds whatever is mounted, now or later: for mails, and for bookmarks. */
const ELSEWHERE: PortalHome = '/portal'

const leadHome = async ({ target }: RequestContext): Promise<Answer> => seeOther(target.raw.slice(ELSEWHERE.length))

const names = z.record(z.string(), z.string())

/** An address that looks like a file is no page: a cache in front that goes by the ending would keep somebody's own. */
const isPageName = (name = ''): boolean => /^[a-z-]*$/.test(name)
