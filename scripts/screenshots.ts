// `make screenshots`: the pictures of the guide, taken of a real gateway in a real browser and kept small. To be looked at
// by whoever changes a page.

import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createTrafficStore, MINUTE_MS } from '#portal'
import { startOneNode } from '../test/e2e/door.ts'
import { accountOf, type Visitor, visit } from '../test/e2e/visitor.ts'
import { startHubsLab } from '../test/hubs/hubs-lab.ts'
import { type Look, openBrowser } from '../test/support/browser.ts'
import { isMissing } from '../test/support/programs.ts'

const FOLDER = fileURLToPath(new URL('../docs/guide/pictures/', import.meta.url))

const SETTINGS = {
  server: { branding: { title: 'Beamline gate' } },
  portal: {
    notices: [
      { id: 'storage', level: 'info', text: 'Storage is read-only on Tuesday, 1 December, from 06:00 to 08:00 UTC.' },
    ],
    support: { text: 'Ask the user office: office@example.org, telephone 1234.', url: 'https://help.example.org' },
  },
}

interface Picture {
  readonly name: string
  readonly path: string
  readonly look?: Look
  /** Whose page it is; `member` if absent. */
  readonly account?: 'admin'
  /** As much of the page as the window shows: what is fixed to the window has its place then. */
  readonly isWindow?: true
  /** What to do before it is taken. */
  readonly prepare?: (visitor: Visitor) => Promise<void>
}

const narrow: Look = { width: 390 }
const dark: Look = { colorScheme: 'dark' }

const pictures: readonly Picture[] = [
  { name: 'home', path: '/' },
  { name: 'home-dark', path: '/', look: dark },
  { name: 'home-narrow', path: '/', look: narrow },
  { name: 'apps', path: '/apps' },
  { name: 'profile', path: '/settings/profile' },
  { name: 'appearance', path: '/settings/appearance' },
  { name: 'accounts', path: '/settings/accounts' },
  { name: 'sessions', path: '/settings/sessions' },
  { name: 'tokens', path: '/settings/tokens', prepare: fillTokenForm },
  { name: 'token-secret', path: '/settings/tokens', prepare: mintToken },
  { name: 'session-over', path: '/settings/tokens', prepare: endSession, isWindow: true },
  { name: 'help', path: '/help' },
  { name: 'refused', path: '/api/staff/' },
  { name: 'account-token', path: '/account/token' },
  { name: 'admin-overview', path: '/admin', account: 'admin' },
  { name: 'admin-people', path: '/admin/users', account: 'admin' },
  { name: 'admin-sessions', path: '/admin/sessions', account: 'admin' },
  {
    name: 'admin-policy',
    path: '/admin/policy?user=anonymous&method=GET&path=/api/echo/',
    account: 'admin',
    prepare: async ({ page }) => page.getByRole('heading', { name: /^Refused/ }).waitFor(),
  },
  { name: 'admin-groups', path: '/admin/groups', account: 'admin', prepare: makeGroup },
  { name: 'admin-service-accounts', path: '/admin/service-accounts', account: 'admin', prepare: makeServiceAccount },
  { name: 'admin-tokens', path: '/admin/tokens', account: 'admin', prepare: chooseMember },
  { name: 'admin-services', path: '/admin/services', account: 'admin' },
  { name: 'admin-audit', path: '/admin/audit', account: 'admin' },
]

const found = await openBrowser()
if (isMissing(found)) throw new Error(`no pictures without a browser: ${found.missing}`)
await using browser = found
mkdirSync(FOLDER, { recursive: true })
await using keys = writeKey()
await using door = await startOneNode({ config: { ...SETTINGS, account: { keys: [{ file: keys.file }] } } })
await drawAnHour()

async function take(visitor: Visitor, { name, path, isWindow, prepare }: Picture): Promise<void> {
  await visitor.goTo(path)
  await visitor.heading()
  await visitor.page.locator('.loading').waitFor({ state: 'detached' })
  await visitor.page.waitForLoadState('networkidle')
  await prepare?.(visitor)
  await visitor.page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: isWindow !== true, animations: 'disabled' })
  console.log(`docs/guide/pictures/${name}.png`)
}

const size = (look: Look = {}): Look => ({ width: 1280, ...look })

const stranger = await visit(browser, door, size())
await take(stranger, { name: 'login', path: '/auth/login' })
for (const picture of pictures) {
  const visitor = await visit(browser, door, size(picture.look))
  await visitor.goTo('/')
  await visitor.logInElsewhere(accountOf(door, picture.account ?? 'member'))
  await take(visitor, picture)
  await visitor.page.context().close()
}

await takeWaiting()
await takeHubs()

/** The page of somebody whom nobody has approved. */
async function takeWaiting(): Promise<void> {
  const access = { signUp: { approval: 'required' }, contact: 'the user office' }
  await using strict = await startOneNode({ config: { ...SETTINGS, access } })
  const visitor = await visit(browser, strict, size())
  await visitor.goTo('/')
  await visitor.logInElsewhere(accountOf(strict, 'member'))
  await take(visitor, { name: 'waiting', path: '/auth/pending' })
}

async function takeHubs(): Promise<void> {
  await using lab = await startHubsLab({ config: { server: { branding: { title: 'Plant data gate' } } } })
  const { username, password } = lab.hubs.freiburg.users[0] ?? { username: '', password: undefined }
  const visitor = await visit(browser, { ...door, url: lab.url }, size())
  await visitor.goTo('/auth/login')
  await visitor.page.getByRole('button', { name: 'Log in with DataHUB freiburg' }).click()
  await visitor.page.getByLabel(/name/i).fill(username)
  await visitor.page.getByLabel(/password/i).fill(password?.reveal() ?? '')
  await visitor.page.keyboard.press('Enter')
  await visitor.page.waitForURL((url) => url.href.startsWith(lab.url))
  await take(visitor, { name: 'hubs', path: '/hubs' })
}

async function fillTokenForm({ page }: Visitor): Promise<void> {
  await page.getByLabel('Name').fill('Nightly upload')
  await page.getByLabel('Use only Echo service').check()
}

/** As somebody else could who has the session: the page hears of it when it sends. */
async function endSession(visitor: Visitor): Promise<void> {
  const { page } = visitor
  await fillTokenForm(visitor)
  const current = await page.request.get(`${door.url}/api/v1/sessions/current`)
  const { session } = (await current.json()) as { readonly session: { readonly ref: string } }
  await page.request.delete(`${door.url}/api/v1/sessions/${session.ref}`, {
    headers: { 'sec-fetch-site': 'same-origin' },
  })
  await page.getByRole('button', { name: 'Make the token' }).click()
  await page.getByRole('alertdialog').waitFor()
}

async function mintToken(visitor: Visitor): Promise<void> {
  await fillTokenForm(visitor)
  await visitor.page.getByRole('button', { name: 'Make the token' }).click()
  await visitor.page.getByRole('heading', { name: 'The token Nightly upload is made' }).waitFor()
}

/** Whose token has been made for an earlier picture. */
async function chooseMember(visitor: Visitor): Promise<void> {
  const { username } = accountOf(door, 'member')
  const answer = await visitor.page.request.get(`${door.url}/api/v1/admin/users?search=${username}`)
  const { users } = (await answer.json()) as { readonly users: readonly { readonly id: string }[] }
  await visitor.goTo(`/admin/tokens?user=${users[0]?.id}`)
  await visitor.page.getByRole('table').first().waitFor()
}

async function makeGroup({ page }: Visitor): Promise<void> {
  await page.getByLabel(/^Name/).fill('beamtime-2026')
  await page.getByLabel('What it is for').fill('Who has beam time this year')
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByRole('heading', { name: 'Members of beamtime-2026' }).waitFor()
}

async function makeServiceAccount({ page }: Visitor): Promise<void> {
  await page.getByLabel(/^Name/).fill('nightly-backup')
  await page.getByLabel('What it is for').fill('Copies each night what was measured')
  await page.getByLabel('Groups').fill('lab')
  await page.getByLabel('Use only Echo service').check()
  await page.getByRole('button', { name: 'Make it' }).click()
  await page.getByRole('heading', { name: 'A new key for nightly-backup' }).waitFor()
}

/** What signs account tokens. */
function writeKey() {
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-pictures-'))
  const file = join(folder, 'key')
  writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 })
  return { file, [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }) }
}

/** An hour of a working day, for the picture alone: a gateway that has just been started has nothing to draw. */
async function drawAnHour(): Promise<void> {
  const storage = door.nodes[0]?.apis.storage
  if (storage === undefined) throw new Error('there is no node')
  const store = createTrafficStore(storage)
  const present = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS
  for (let ago = 1; ago < 60; ago += 1) {
    const requests = Math.round(240 + 120 * Math.sin(ago / 9) + 40 * Math.sin(ago * 2.3))
    const slow = Math.round(requests * (0.03 + 0.03 * Math.abs(Math.sin(ago / 5))))
    await store.put('picture', {
      minute: present - ago * MINUTE_MS,
      traffic: {
        requests,
        refused: Math.round(requests / 40),
        failed: ago > 22 && ago < 27 ? Math.round(requests / 6) : 0,
        durations: [
          { atMostSeconds: 0.01, count: Math.round(requests * 0.6) },
          { atMostSeconds: 0.1, count: requests - Math.round(requests * 0.6) - slow },
          { atMostSeconds: 0.5, count: slow },
        ],
        logins: Math.round(3 + 3 * Math.sin(ago / 7)),
        loginsRefused: ago % 11 === 0 ? 1 : 0,
      },
    })
  }
}
