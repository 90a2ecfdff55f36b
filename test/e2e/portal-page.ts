// A page of the portal, as tests that look at many of them need it: drawn to its end, and in a language.

import assert from 'node:assert/strict'
import type { Language } from '#http'
import type { Page } from '../support/browser.ts'
import { findPageProblems } from './page-problems.ts'
import type { Visitor } from './visitor.ts'

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

/** What is wrong with how these pages look in that language to whoever is logged in there: one line each. */
export async function findProblemsIn(
  language: Language,
  { page, goTo }: Visitor,
  url: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  await chooseLanguage(page, url, language)
  const problems: string[] = []
  for (const path of paths) {
    await goTo(path)
    await untilDrawn(page)
    assert.equal(await page.locator('html').getAttribute('lang'), language)
    problems.push(...(await findPageProblems(page, path)))
  }
  return problems
}
