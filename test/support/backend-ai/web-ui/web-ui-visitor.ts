// What a person does on the page, by the ids of its controls, and what it shows them.

import type { Page } from '../../browser.ts'

export type PageState =
  | 'loading'
  | 'unreachable'
  | 'login'
  | 'second-factor'
  | 'register'
  | 'password-expired'
  | 'start'

export interface WebUiVisitor {
  readonly page: Page
  /** Waits until the page is there. */
  reaches(state: PageState): Promise<void>
  /** Waits until it says so. */
  reads(text: string): Promise<void>
  /** Types name and password, and sends them. */
  logIn(username: string, password: string): Promise<void>
  /** What is shown there now. */
  textOf(selector: string): Promise<string>
  /** What stands there once anything does. */
  textOnceIn(selector: string): Promise<string>
  /** The session's name that the page keeps. */
  storedSession(): Promise<string | null>
}

export function visitWebUi(page: Page): WebUiVisitor {
  const textOf = async (selector: string): Promise<string> => (await page.locator(selector).textContent()) ?? ''
  return Object.freeze({
    page,
    reaches: (state: PageState) => page.locator(`body[data-state=${state}]`).waitFor(),
    reads: (text: string) => page.getByText(text).waitFor(),
    async logIn(username: string, password: string) {
      await page.fill('#username', username)
      await page.fill('#password', password)
      await page.click('#log-in')
    },
    textOf,
    async textOnceIn(selector: string) {
      // By a selector: a policy without 'unsafe-eval' keeps conditions out that are written as text.
      await page.locator(`${selector}:not(:empty)`).waitFor()
      return textOf(selector)
    },
    storedSession: () => page.evaluate(() => localStorage.getItem('backendaiwebui.sessionid')),
  })
}
