// A page of the portal, as tests that look at many of them need it: drawn to its end, and in a language.

import assert from 'node:assert/strict'
import type { Language } from '#http'
import type { Page } from '../support/browser.ts'

/** Waits until what was opened is drawn, and nothing of it is still to come. */
export async function untilDrawn(page: Page): Promise<void> {
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.locator('.loading').waitFor({ state: 'detached' })
}

/** For whoever is logged in there: pages that are opened from now on are in that language. @param url of the gateway */
export async function chooseLanguage(page: Page, url: string, language: Language): Promise<void> {
  const answer = await page.request.put(`${url}/api/v1/preferences`, {
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    data: { theme: 'system', language },
  })
  assert.equal(answer.status(), 200)
}
