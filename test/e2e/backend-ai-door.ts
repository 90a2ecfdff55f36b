// The whole gateway with the page that calls as the Backend.AI Web UI does, as strictly confined as it can bear, and people
// before it, each in a browser of their own.

import { type BackendAiLab, type ProfileName, startBackendAiLab } from '../backend-ai/backend-ai-lab.ts'
import type { Answer, ManagerAccount } from '../support/backend-ai/index.ts'
import { webUiDirectory } from '../support/backend-ai/web-ui/index.ts'
import { visitWebUi, type WebUiVisitor } from '../support/backend-ai/web-ui/web-ui-visitor.ts'
import type { Page, TestBrowser } from '../support/browser.ts'

export interface WebUiDoor {
  readonly profile: ProfileName
  /** Between `start` and `close`. */
  readonly lab: BackendAiLab
  start(): Promise<void>
  close(): Promise<void>
  /** What the browsers found fault with since somebody looked: errors of scripts, and of the policy. */
  readonly complaints: string[]
  /** In a browser that has never been here. */
  open(path?: string): Promise<Visitor>
  openForm(): Promise<Visitor>
  openLoggedIn(username: string): Promise<Visitor>
  /** By a program that has nothing but the session's name. */
  askAs(session: string, target: string, method?: string): Promise<Answer>
  /** Everybody leaves. */
  closePages(): Promise<void>
}

export interface Visitor extends WebUiVisitor {
  /** What the page has asked, but for its files. */
  readonly calls: readonly string[]
  sessionCookie(): Promise<Awaited<ReturnType<ReturnType<Page['context']>['cookies']>>[number] | undefined>
}

/** What the Web UI asks when it is loaded. */
export const AT_LOAD = ['GET /config.toml', 'GET /func/', 'POST /server/login-check'] as const

/** What it asks once somebody is logged in. */
export const AT_START = [
  'GET /func/',
  'POST /server/login-check',
  ...Array<string>(3).fill('POST /func/admin/gql'),
  'POST /server/extend-login-session',
] as const

/** Twice as long as a login lasts that nobody extends. */
export const EXTENSION_MS = 7_200_000

/** Everybody's. */
export const password = 'CANARY-password'

const accounts: readonly ManagerAccount[] = [
  ...['ada', 'grace', 'mallory', 'lost'].map((name) => ({ username: `${name}@example.org`, password })),
  { username: 'code@example.org', password, totp: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' },
  { username: 'new@example.org', password, totp: 'register' },
  { username: 'old@example.org', password, passwordExpiredOn: '2026-03-01' },
  { username: 'monitor@example.org', password, role: 'monitor' },
  { username: 'few@example.org', password, maxConcurrentLogins: 1 },
  { username: 'blocked@example.org', password, isLoginBlocked: true },
  { username: 'sso@example.org', password, signInToken: 'CANARY-sToken' },
]

const policyOf = (profile: ProfileName) => ({
  'default-src': ["'self'"],
  'img-src': ["'self'", 'data:'],
  'script-src': [profile === '26.2' ? "'self'" : "'nonce'"],
  'object-src': ["'none'"],
  'frame-ancestors': ["'none'"],
  'form-action': ["'self'"],
})

const startLab = (profile: ProfileName): Promise<BackendAiLab> =>
  startBackendAiLab({
    profile,
    hasRouter: profile === '26.4',
    manager: { accounts },
    config: { sessions: { absolute: '1d' } },
    backendAi: {
      session: { maxAge: '1h', extension: `${EXTENSION_MS / 60_000}m` },
      webUi: {
        directory: webUiDirectory,
        general: { enableExtendLoginSession: true, singleSignOnVendors: ['saml', 'openid'] },
      },
      security: { csp: policyOf(profile) },
    },
  })

export function createWebUiDoor(profile: ProfileName, browser: TestBrowser): WebUiDoor {
  const complaints: string[] = []
  const pages: Page[] = []
  let lab: BackendAiLab | undefined
  const started = (): BackendAiLab => {
    if (lab === undefined) throw new Error('nothing has been started')
    return lab
  }

  const open = async (path = '/'): Promise<Visitor> => {
    const page = await browser.newPage()
    pages.push(page)
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) complaints.push(message.text())
    })
    const calls = noteCalls(page)
    await page.goto(started().gateway.url + path)
    const sessionCookie = async () => {
      const cookies = await page.context().cookies()
      return cookies.find(({ name }) => name === 'AIOHTTP_SESSION')
    }
    return { ...visitWebUi(page), calls, sessionCookie }
  }

  const openForm = async (): Promise<Visitor> => {
    const visitor = await open()
    await visitor.reaches('login')
    return visitor
  }

  return Object.freeze({
    profile,
    get lab() {
      return started()
    },
    async start() {
      lab = await startLab(profile)
    },
    close: async () => lab?.[Symbol.asyncDispose](),
    complaints,
    open,
    openForm,
    async openLoggedIn(username: string) {
      const visitor = await openForm()
      await visitor.logIn(username, password)
      await visitor.reaches('start')
      return visitor
    },
    askAs: (session: string, target: string, method = 'GET') =>
      started()
        .stranger()
        .ask(target, { method, headers: { 'x-backendai-sessionid': session } }),
    async closePages() {
      for (const page of pages.splice(0)) await page.context().close()
    },
  })
}

function noteCalls(page: Page): readonly string[] {
  const calls: string[] = []
  page.on('request', (request) => {
    const { pathname } = new URL(request.url())
    if (/^\/(?:config\.toml$|func\/|server\/)/.test(pathname)) calls.push(`${request.method()} ${pathname}`)
  })
  return calls
}
