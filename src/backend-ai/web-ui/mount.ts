// The built files of the Web UI at `/` (§1.9): a file where there is one, and index.html where there is none.

import { createSecurityHeaders, httpErrors, type Mount, type PublicUrl } from '#http'
import { createDirectory } from '#site'
import type { createErrorAnswer } from '../problems.ts'
import type { Profile } from '../profile.ts'
import type { SecurityConfig } from '../security-config.ts'
import { MOUNT_IDS } from '../services.ts'
import { cacheControlOf } from './cache-control.ts'
import type { WebUiConfig } from './config.ts'
import { createContentSecurityPolicy } from './content-security-policy.ts'

export interface WebUiDeps {
  readonly publicUrl: Pick<PublicUrl, 'isHttps'>
  readonly profile: Pick<Profile, 'cspNonce'>
  readonly csp: SecurityConfig['csp']
  readonly errorAnswer: ReturnType<typeof createErrorAnswer>
}

export interface WebUi {
  readonly mount: Mount
  /** @throws if the directory cannot be served */
  check(): Promise<void>
}

export function createWebUi({ directory: path, mode }: WebUiConfig, deps: WebUiDeps): WebUi {
  const { publicUrl, profile, errorAnswer } = deps
  const hasFrontPage = mode === 'webui'
  const contentSecurityPolicy = createContentSecurityPolicy({ csp: deps.csp, hasNonce: profile.cspNonce })
  const directory = createDirectory({
    path,
    hasFolderIndexes: false,
    answersWithFrontPage: () => hasFrontPage,
    cacheControlOf,
    headersOf: (ctx) => ({
      ...createSecurityHeaders({ isHttps: publicUrl.isHttps, frameAncestors: [] })(ctx, false),
      'content-security-policy': contentSecurityPolicy(() => ctx.cspNonce),
      // Applications are opened in windows of other origins, which the page goes on to steer.
      'cross-origin-opener-policy': 'same-origin-allow-popups',
    }),
    ...(profile.cspNonce && { fillInFrontPage: (ctx, page) => page.replaceAll('{{nonce}}', ctx.cspNonce) }),
  })
  const mount: Mount = {
    id: MOUNT_IDS.webUi,
    prefix: '/',
    routeClass: 'public',
    authorize: () => ({ allow: true, rule: 'the files of the Web UI are for everybody' }),
    async serve(ctx, response) {
      if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
        // HEAD, which the webserver refused, is answered as GET is; OPTIONS asks for a page of another origin.
        throw httpErrors.methodNotAllowed({ method: ctx.method, allow: 'GET,HEAD,OPTIONS' })
      }
      await directory.serve(ctx, response, ctx.target.path)
    },
    // A target with two readings names no file either.
    errorAnswer: (ctx, error) =>
      errorAnswer(ctx, error.code === 'http.ambiguousTarget' ? httpErrors.notFound({}) : error),
  }
  return Object.freeze({
    mount,
    async check() {
      const fault = await directory.findFault({ needsFrontPage: hasFrontPage })
      if (fault === undefined) return
      throw new Error(
        `the Web UI cannot be served: ${fault.message}. Write where its built files are as backendAi.webUi.directory.`,
        { cause: fault.cause },
      )
    },
  })
}
