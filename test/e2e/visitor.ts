// What a person does in the browser, by the names that they see on the page.

import assert from 'node:assert/strict'
import type { Look, Page, TestBrowser } from '../support/browser.ts'
import type { Door, DoorAccount } from './door.ts'

export interface Visitor {
  readonly page: Page
  goTo(path: string): Promise<void>
  /** From wherever asks for a login, by the provider that redirects. */
  logInElsewhere(account: DoorAccount): Promise<void>
  /** At the page of that provider, wherever the way there began. */
  logInThere(account: DoorAccount): Promise<void>
  /** By name and password on our own page. */
  logInHere(account: DoorAccount): Promise<void>
  /** From a page of the portal. */
  logOut(): Promise<void>
  /** Once it has begun: whatever the provider still asks, and to the page that says that it is done. */
  finishLogout(): Promise<void>
  heading(): Promise<string>
  /** As a Cookie header: what somebody would have who copied it. */
  copyCookie(): Promise<string>
}

export async function visit(browser: TestBrowser, door: Door, look?: Look): Promise<Visitor> {
  const page = await browser.newPage(look)
  const logInThere = async ({ username, password }: DoorAccount): Promise<void> => {
    await page.waitForURL((url) => url.hostname === 'localhost')
    await page.getByLabel(/name/i).fill(username)
    await page.getByLabel(/password/i).fill(password)
    await page.keyboard.press('Enter')
    await page.waitForURL((url) => url.origin === new URL(door.url).origin)
  }
  return Object.freeze({
    page,
    async goTo(path: string) {
      await page.goto(door.url + path)
    },
    async logInElsewhere(account: DoorAccount) {
      await page.getByRole('button', { name: 'Log in with Example login' }).click()
      await logInThere(account)
    },
    logInThere,
    async logInHere({ username, password }: DoorAccount) {
      const form = page.getByRole('form', { name: 'Manager' })
      await form.getByLabel('Name').fill(username)
      await form.getByLabel('Password').fill(password)
      await form.getByRole('button', { name: 'Log in' }).click()
      await page.waitForURL((url) => !url.pathname.includes('/auth/login'))
    },
    async logOut() {
      await page.getByRole('banner').getByRole('button').last().click()
      await page.getByRole('menuitem', { name: 'Log out' }).click()
    },
    async finishLogout() {
      await page.waitForURL(/\/auth\/logged-out|localhost/)
      const confirm = page.getByRole('button', { name: /log ?out|yes/i })
      if (new URL(page.url()).hostname === 'localhost') await confirm.first().click()
      await page.waitForURL(/\/auth\/logged-out/)
    },
    heading: async () => (await page.getByRole('heading', { level: 1 }).innerText()).trim(),
    async copyCookie() {
      const cookies = await page.context().cookies()
      const session = cookies.find(({ name }) => name === '__Host-gatehouse')
      assert.ok(session, 'there is a session cookie')
      assert.ok(session.httpOnly && session.secure && session.sameSite === 'Lax' && session.path === '/')
      return `${session.name}=${session.value}`
    },
  })
}

export function accountOf(door: Door, username: string): DoorAccount {
  const account = door.accounts.find((each) => each.username === username)
  assert.ok(account, `there is an account ${username}`)
  return account
}

/** A browser of its own in which that account has logged in, at the portal's first page. */
export async function visitAs(browser: TestBrowser, door: Door, name: string): Promise<Visitor> {
  const visitor = await visit(browser, door)
  await visitor.goTo('/')
  await visitor.logInElsewhere(accountOf(door, name))
  await visitor.page.getByRole('heading', { level: 1 }).waitFor()
  return visitor
}
