// Pages once somebody has done something on them, or something went wrong: each a state to be brought about, in
// which axe looks. The pages as they are opened are in the PAGES of the tests.

import { untilDrawn } from '../e2e/portal-page.ts'
import type { Visitor } from '../e2e/visitor.ts'
import type { ManagerAccount } from '../support/backend-ai/index.ts'
import type { Page } from '../support/browser.ts'

export interface PageState {
  readonly name: string
  readonly reach: (visitor: Visitor) => Promise<void>
}

/** By somebody who is logged in and may do everything, in this order: what one makes, those after it may find. */
export const PORTAL_STATES: readonly PageState[] = [
  {
    name: 'the open menu of the account',
    reach: async (visitor) => {
      await openPage(visitor, '/')
      await visitor.page.getByRole('banner').getByRole('button').last().click()
      await visitor.page.getByRole('menuitem').first().waitFor()
    },
  },
  {
    name: 'theme and language, open',
    reach: async (visitor) => {
      await openPage(visitor, '/')
      await visitor.page.getByRole('banner').getByRole('button', { name: 'Display' }).click()
      await visitor.page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'the open navigation of a narrow screen',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/')
      await page.setViewportSize({ width: 320, height: 900 })
      await page.getByRole('button', { name: 'Navigation' }).click()
      await page.getByRole('navigation').waitFor()
    },
  },
  {
    name: 'the open list of languages of the server’s pages',
    reach: async ({ page, goTo }) => {
      await goTo('/account')
      await page.getByText('Language', { exact: true }).click()
      await page.getByRole('button', { name: '日本語' }).waitFor()
    },
  },
  {
    name: 'a token that lacks everything',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/settings/tokens')
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByText('Choose at least one').waitFor()
    },
  },
  {
    name: 'a new token: its secret, its history, and the question whether to revoke it',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/settings/tokens')
      await page.getByLabel('Name').fill('Nightly upload')
      await page.getByLabel('Read what is yours here').check()
      await page.getByRole('button', { name: 'Make the token' }).click()
      await page.getByRole('heading', { name: 'The token Nightly upload is made' }).waitFor()
      await page.getByRole('button', { name: /^History/ }).click()
      await page
        .getByRole('region', { name: /^History/ })
        .getByRole('listitem')
        .first()
        .waitFor()
      await page.getByRole('button', { name: /^Revoke/ }).click()
      await page.getByRole('button', { name: /^Really revoke/ }).waitFor()
    },
  },
  {
    name: 'the members of a group, and who can be added',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/admin/groups')
      await page.getByLabel('Name').fill('looked-at')
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Members of looked-at' }).waitFor()
      await page.getByLabel('Find people to add').fill('a')
      await page.getByRole('button', { name: /^Add: Ada/ }).click()
      await page.getByRole('button', { name: /^Remove: Ada/ }).waitFor()
    },
  },
  {
    name: 'the key of a service account, shown once',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/admin/service-accounts')
      await page.getByLabel('Name').fill('looked-at')
      await page.getByLabel('Use every service').check()
      await page.getByRole('button', { name: 'Make it' }).click()
      await page.getByRole('heading', { name: 'A new key for looked-at' }).waitFor()
    },
  },
  {
    name: 'people to choose from in the policy tester',
    reach: async (visitor) => {
      await openPage(visitor, '/admin/policy')
      await visitor.page.getByLabel('Person').fill('a')
      await visitor.page
        .getByRole('button', { name: /^Choose:/ })
        .first()
        .waitFor()
    },
  },
  {
    name: 'a question to the policy tester that lacks everything',
    reach: async (visitor) => {
      await openPage(visitor, '/admin/policy')
      await visitor.page.getByRole('button', { name: 'Ask', exact: true }).click()
      await visitor.page.getByText('Choose whose request it would be.').waitFor()
    },
  },
  ...(['anonymous', 'sso/admin'] as const).map((user) => ({
    name: `the answer of the policy tester for ${user}`,
    reach: async (visitor: Visitor) => {
      await openPage(visitor, `/admin/policy?user=${user}&path=/api/echo/`)
      await visitor.page.getByRole('heading', { name: user === 'anonymous' ? /^Refused/ : /^Allowed/ }).waitFor()
    },
  })),
  {
    name: 'a page whose part of the API fails',
    reach: async (visitor) => {
      await failing(visitor, '**/api/v1/sessions', () => visitor.goTo('/settings/sessions'))
    },
  },
  {
    name: 'a page whose script cannot be loaded',
    reach: async (visitor) => {
      const { page } = visitor
      await openPage(visitor, '/')
      await page.route('**/portal/assets/audit-page*', (route) => route.abort())
      await page.getByRole('link', { name: 'Audit log' }).click()
      await alerted(page)
      await page.unrouteAll()
    },
  },
  {
    name: 'a portal whose frame could not be asked for',
    reach: async (visitor) => {
      await failing(visitor, '**/api/v1/portal', () => visitor.goTo('/help'))
    },
  },
  {
    name: 'a login of just now that is asked for',
    reach: async ({ page, goTo }) => {
      await goTo('/auth/login?again=1')
      await page.getByText('needs a login of just now').waitFor()
    },
  },
]

/** Who is asked for a one-time code by the login `With a code`. */
export const CODED: ManagerAccount = { username: 'code@example.org', password: 'CANARY-code', totp: 'JBSWY3DPEHPK3PXP' }

/** Of the server's pages, in a browser in which nobody is logged in. */
export const STRANGER_STATES: readonly PageState[] = [
  {
    name: 'a login that asks for a code',
    reach: async (visitor) => {
      await askForCode(visitor)
    },
  },
  {
    name: 'a code that is wrong',
    reach: async (visitor) => {
      await askForCode(visitor)
      await visitor.page.getByLabel('Code').fill('000000')
      await visitor.page.getByRole('button', { name: 'Go on' }).click()
      await alerted(visitor.page)
    },
  },
  {
    name: 'an answer of a login that nobody began',
    reach: async ({ page, goTo }) => {
      await goTo('/auth/callback/sso?code=x&state=y')
      await page.getByText('login.attemptUnknown').waitFor()
    },
  },
  {
    name: 'a login that was refused elsewhere',
    reach: async ({ page, goTo }) => {
      await goTo('/auth/login')
      const asked = page.waitForRequest(/\?.*state=/)
      await page.getByRole('button', { name: 'Log in with Example login' }).click()
      const state = new URL((await asked).url()).searchParams.get('state')
      await goTo(`/auth/callback/sso?error=access_denied&state=${state}`)
      await page.getByText(/^login\./).waitFor()
    },
  },
]

/** Until it is drawn. */
export async function openPage({ page, goTo }: Visitor, path: string): Promise<void> {
  await goTo(path)
  await untilDrawn(page)
}

async function askForCode({ page, goTo }: Visitor): Promise<void> {
  await goTo('/auth/login')
  const form = page.getByRole('form', { name: 'With a code' })
  await form.getByLabel('Name').fill(CODED.username)
  await form.getByLabel('Password').fill(CODED.password)
  await form.getByRole('button', { name: 'Log in' }).click()
  await page.getByLabel('Code').waitFor()
}

/** The API answers one address as it does when something breaks in it. */
async function failing({ page }: Visitor, address: string, doing: () => Promise<void>): Promise<void> {
  const problem = {
    type: 'about:blank',
    status: 500,
    title: 'Something went wrong',
    detail: 'The table of sessions does not answer.',
    hint: 'Try again in a minute.',
    code: 'internal',
    errorId: '49394814-cce3-4342-b440-c8ffe53778d0',
  }
  await page.route(address, (route) =>
    route.fulfill({ status: 500, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  )
  await doing()
  await alerted(page)
  await page.getByText(problem.errorId).waitFor()
  await page.unrouteAll()
}

const alerted = (page: Page): Promise<void> => page.getByRole('alert').waitFor()
