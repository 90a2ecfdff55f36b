// `make screenshots`: the pictures of the guide, taken of a real gateway in a real browser and kept small. To be looked at
// by whoever changes a page.

import { mkdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { startOneNode } from '../test/e2e/door.ts'
import { accountOf, type Visitor, visit } from '../test/e2e/visitor.ts'
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
  { name: 'help', path: '/help' },
]

const found = await openBrowser()
if (isMissing(found)) throw new Error(`no pictures without a browser: ${found.missing}`)
await using browser = found
await using door = await startOneNode({ config: SETTINGS })
mkdirSync(FOLDER, { recursive: true })

async function take(visitor: Visitor, { name, path, prepare }: Picture): Promise<void> {
  await visitor.goTo(path)
  await visitor.heading()
  await visitor.page.locator('.loading').waitFor({ state: 'detached' })
  await visitor.page.waitForLoadState('networkidle')
  await prepare?.(visitor)
  await visitor.page.screenshot({ path: `${FOLDER}${name}.png`, fullPage: true, animations: 'disabled' })
  console.log(`docs/guide/pictures/${name}.png`)
}

const size = (look: Look = {}): Look => ({ width: 1280, ...look })

const stranger = await visit(browser, door, size())
await take(stranger, { name: 'login', path: '/auth/login' })
for (const picture of pictures) {
  const visitor = await visit(browser, door, size(picture.look))
  await visitor.goTo('/')
  await visitor.logInElsewhere(accountOf(door, 'member'))
  await take(visitor, picture)
  await visitor.page.context().close()
}

async function fillTokenForm({ page }: Visitor): Promise<void> {
  await page.getByLabel('Name').fill('Nightly upload')
  await page.getByLabel('Use only Echo service').check()
}

async function mintToken(visitor: Visitor): Promise<void> {
  await fillTokenForm(visitor)
  await visitor.page.getByRole('button', { name: 'Make the token' }).click()
  await visitor.page.getByRole('heading', { name: 'The token Nightly upload is made' }).waitFor()
}
