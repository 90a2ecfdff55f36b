// The front door alone, on port 0: for tests of what `http` does before and around any feature.

import {
  createAnswerWriter,
  createAppHosts,
  createCanonicalTargetStep,
  createClientReader,
  createCorsStep,
  createCrossSiteStep,
  createDoor,
  createEdge,
  createOwnRoutes,
  createPages,
  createPublicUrl,
  createSecurityHeaders,
  createTrustCheck,
  createTrustedProxyStep,
  type FinishedRequest,
  type Mount,
  type Route,
  requestIdStep,
  type Step,
} from '#http'
import { systemClock } from '#kernel'
import type { LogFields, Logger } from '#telemetry'
import { createPipeline } from '../../src/pipeline.ts'

export interface EdgeSettings {
  readonly routes?: readonly Route[]
  readonly mounts?: readonly Mount[]
  readonly url?: string
  /** Origins of hosts of their own; mounts say which with `host`. */
  readonly hosts?: readonly string[]
  readonly trustedProxies?: readonly string[]
  readonly allowedOrigins?: readonly string[]
  readonly loadSession?: Step
  readonly bodyBytes?: number
  readonly bodyTimeMs?: number
  readonly headTimeoutMs?: number
  readonly unixPath?: string
  /** Texts of PEM files. */
  readonly tls?: { readonly certificate: string; readonly key: string }
  readonly branding?: Parameters<typeof createPages>[0]['branding']
  /** The name under which the edge is opened. */
  readonly host?: string
}

export interface TestEdge extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly finished: FinishedRequest[]
  readonly logged: LogFields[]
  close(deadline: AbortSignal): Promise<void>
}

const pass: Step = () => undefined

export async function startEdge(settings: EdgeSettings = {}): Promise<TestEdge> {
  const logged: LogFields[] = []
  const log = createRecordingLogger(logged)
  const finished: FinishedRequest[] = []
  const publicUrl = createPublicUrl(settings.url)
  const hosts = createAppHosts(settings.hosts ?? [])
  const pages = createPages({
    branding: settings.branding ?? { title: 'Test', templates: {} },
    folders: [new URL('../../src/http/templates/', import.meta.url)],
    pathTo: publicUrl.pathTo,
    urlTo: publicUrl.urlTo,
    viewer: () => undefined,
    look: () => ({ language: 'en', theme: 'system' }),
  })
  await pages.start()
  const door = createDoor({
    clock: systemClock,
    log,
    hosts,
    hostRoutes: [],
    routes: [...createOwnRoutes(pages), ...(settings.routes ?? [])],
    mounts: settings.mounts ?? [],
    bodyBytes: settings.bodyBytes ?? 1024,
    bodyTimeMs: settings.bodyTimeMs ?? 5_000,
    writer: createAnswerWriter({
      pages,
      pathTo: publicUrl.pathTo,
      urlTo: publicUrl.urlTo,
      securityHeaders: createSecurityHeaders({ isHttps: publicUrl.isHttps, frameAncestors: [] }),
    }),
    pipeline: createPipeline({
      requestId: requestIdStep,
      trustedProxy: createTrustedProxyStep(createClientReader(createTrustCheck(settings.trustedProxies ?? []))),
      addressLimit: pass,
      canonicalTarget: createCanonicalTargetStep(publicUrl, hosts),
      cors: createCorsStep({
        origins: settings.allowedOrigins ?? [],
        methods: ['GET', 'POST'],
        headers: ['Content-Type'],
        exposedHeaders: [],
        credentials: true,
        maxAgeMs: 600_000,
      }),
      loadSession: settings.loadSession ?? pass,
      bearerToken: pass,
      crossSite: createCrossSiteStep({
        presented: () => undefined,
        ownOrigin: () => publicUrl.origin,
        allowedOrigins: settings.allowedOrigins ?? [],
        hasSiblings: hosts.all.length > 0,
      }),
      renewLogin: pass,
      requireIdentity: pass,
      policy: pass,
      userLimit: pass,
      endWithSession: pass,
    }),
  })
  const onFinished = (request: FinishedRequest) => void finished.push(request)
  const edge = createEdge({ clock: systemClock, log, publicUrl, hosts, door, onFinished })
  const tcp = { kind: 'tcp', host: '127.0.0.1', port: 0 } as const
  const unix = settings.unixPath === undefined ? [] : [{ kind: 'unix', path: settings.unixPath } as const]
  const { urls } = await edge.open({
    addresses: [tcp, ...unix],
    tls: settings.tls,
    systemdDescriptors: [],
    mayFindOthers: false,
    headBytes: 16 * 1024,
    headTimeoutMs: settings.headTimeoutMs ?? 10_000,
    keepAliveMs: 5_000,
  })
  const url = (urls[0] ?? '').replace('127.0.0.1', settings.host ?? '127.0.0.1')
  publicUrl.settle(url)
  return {
    url,
    port: Number(new URL(url).port),
    finished,
    logged,
    close: (deadline) => edge.close({ deadline, idleMs: 20 }),
    [Symbol.asyncDispose]: () => edge.close({ deadline: AbortSignal.timeout(50), idleMs: 20 }),
  }
}

function createRecordingLogger(lines: LogFields[], bound: Readonly<Record<string, unknown>> = {}): Logger {
  const write = (fields: LogFields) => void lines.push({ ...bound, ...fields })
  return {
    debug: write,
    info: write,
    warn: write,
    error: write,
    child: (fields) => createRecordingLogger(lines, { ...bound, ...fields }),
  }
}
