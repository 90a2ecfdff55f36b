// One login page for whatever a facility has: each way in, by keyboard alone, in a real browser. The ways of the
// demonstration (an OpenID provider, a Manager) are in the other walks; two tabs at once are here.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { startLab } from '../gateway/lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { ada, createRecords, startFacility } from '../support/facility/index.ts'
import { createClient } from '../support/http-client.ts'
import { BASE, isMissing, makeDirectory, removeDirectory, type Slapd, startSlapd } from '../support/programs.ts'
import { startSamlIdp } from '../support/saml-idp.ts'
import { press, type, walkTo } from './keyboard.ts'

const [found, directory] = [await openBrowser(), await startSlapd({ isPublic: true })]
const lacking = [found, directory].find(isMissing)
const skip = lacking?.missing ?? false

const PEOPLE = `ou=people,${BASE}`
/** What the front server of this place adds once it has logged somebody in. */
const FRONT_SECRET = 'CANARY-a-secret-that-only-the-front-server-has'

describe('every way to log in, by keyboard alone', { skip, timeout: 180_000 }, () => {
  const browser = found as TestBrowser
  const slapd = directory as Slapd
  const folder = makeDirectory('every-login')
  const stack = new AsyncDisposableStack()
  let url: string
  let local: { readonly username: string; readonly password: string }

  before(async () => {
    stack.defer(() => removeDirectory(folder))
    stack.defer(() => browser.close())
    stack.defer(() => slapd.stop())
    const [facility, idp] = [await startFacility(createRecords()), await startSamlIdp()]
    stack.defer(() => facility.close())
    stack.defer(() => idp.close())
    const { username: uid, password: userPassword } = ada
    await slapd.add(`uid=${uid},${PEOPLE}`, { objectClass: 'inetOrgPerson', uid, cn: uid, sn: uid, userPassword })
    writeFileSync(join(folder, 'secret'), FRONT_SECRET, { mode: 0o600 })
    const lab = stack.use(
      await startLab({
        config: {
          identity: [
            { id: 'local', type: 'local', label: 'Guests' },
            { id: 'office', type: 'facility', label: 'User office', login: `${facility.url}/login/` },
            {
              id: 'lab',
              type: 'ldap',
              label: 'Lab account',
              servers: [slapd.url],
              startTls: false,
              people: { base: PEOPLE },
            },
            {
              id: 'university',
              type: 'saml',
              label: 'University',
              issuer: idp.entityId,
              loginUrl: idp.loginUrl,
              certificates: [idp.certificateFile],
            },
            {
              id: 'front',
              type: 'trusted-header',
              label: 'Federation',
              from: ['127.0.0.1'],
              secret: { file: join(folder, 'secret') },
              headers: { subject: 'X-Federation-Id' },
            },
          ],
        },
      }),
    )
    url = lab.url
    local = await lab.account('ada')
    idp.register((await createClient(url).get('/auth/saml/university/metadata')).text)
  })
  after(() => stack.disposeAsync())

  const open = async (path = '/auth/login?returnTo=%2Fapps'): Promise<Page> => {
    const page = await browser.newPage()
    page.setDefaultTimeout(20_000)
    await page.goto(url + path)
    return page
  }

  /** The providers' forms have fields of the same names: on, until the one of this form. */
  const walkToField = async (page: Page, form: string, field: string): Promise<void> => {
    for (let tries = 0; tries < 10; tries += 1) {
      await walkTo(page, field)
      const around: string = await page.evaluate(
        "document.activeElement.closest('form')?.querySelector('h2')?.innerText ?? ''",
      )
      if (around === form) return
    }
    assert.fail(`Tab never comes to "${field}" of "${form}"`)
  }

  const whoIsThere = async (page: Page): Promise<string> => {
    await page.waitForURL(`${url}/apps`)
    return page.evaluate("fetch('/api/v1/me').then((answer) => answer.json()).then(({ provider }) => provider)")
  }

  for (const { id, label, account } of [
    { id: 'local', label: 'Guests', account: () => local },
    { id: 'office', label: 'User office', account: () => ada },
    { id: 'lab', label: 'Lab account', account: () => ada },
  ]) {
    test(`${id}: by name and password`, async () => {
      const page = await open()
      await walkToField(page, label, 'Name')
      await type(page, account().username)
      await walkToField(page, label, 'Password')
      await type(page, account().password)
      await press(page, 'Enter')
      assert.equal(await whoIsThere(page), id)
    })
  }

  test('university: at another site, whose form brings the answer', async () => {
    const page = await open()
    await walkTo(page, 'Log in with University')
    await press(page, 'Enter')
    assert.equal(await whoIsThere(page), 'university')
  })

  test('federation: by the server in front, and by nobody without it', async () => {
    const page = await open()
    await walkTo(page, 'Log in with Federation')
    await press(page, 'Enter')
    await page
      .getByRole('alert')
      .or(page.getByRole('heading', { level: 1 }))
      .first()
      .waitFor()
    assert.equal(await page.evaluate("fetch('/api/v1/me').then(({ status }) => status)"), 401)

    await page.setExtraHTTPHeaders({ 'X-Gatehouse-Front': FRONT_SECRET, 'X-Federation-Id': 'ada@idp.example' })
    await page.goto(`${url}/auth/login?returnTo=%2Fapps`)
    await walkTo(page, 'Log in with Federation')
    await press(page, 'Enter')
    assert.equal(await whoIsThere(page), 'front')
  })

  test('two tabs at once both come to where they wanted', async () => {
    const first = await open('/auth/login?returnTo=%2Fapps')
    const second = await first.context().newPage()
    await second.goto(`${url}/auth/login?returnTo=%2Fhelp`)
    for (const page of [first, second]) {
      await walkToField(page, 'Guests', 'Name')
      await type(page, local.username)
      await walkToField(page, 'Guests', 'Password')
      await type(page, local.password)
    }
    await press(first, 'Enter')
    await first.waitForURL(`${url}/apps`)
    await press(second, 'Enter')
    await second.waitForURL(`${url}/help`)
  })
})
