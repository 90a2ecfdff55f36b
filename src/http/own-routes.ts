// The files of our own look, by the versioned names that pages link to.

import { z } from 'zod'
import { httpErrors } from './errors.ts'
import type { Pages } from './pages.ts'
import { defineRoute, type Route } from './route.ts'

export const createOwnRoutes = (pages: Pick<Pages, 'asset'>): readonly Route[] => [
  defineRoute({
    method: 'GET',
    path: '/auth/assets/:name',
    routeClass: 'public',
    access: 'public',
    params: z.object({ name: z.string() }),
    handle: (_ctx, { params }) => {
      const asset = pages.asset(params.name)
      if (asset === undefined) throw httpErrors.notFound({})
      return { kind: 'bytes', status: 200, contentType: asset.contentType, body: asset.body, headers: FOR_EVER }
    },
  }),
]

/** The name changes with the content. */
const FOR_EVER = { 'cache-control': 'public, max-age=31536000, immutable' }
