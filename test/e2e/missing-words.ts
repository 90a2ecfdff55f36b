// Whether a page says the name of a text instead of the text: where none of that name is in the area that it is asked for
// in, the portal shows the name itself (`people.tokens`).

import { globSync, readFileSync } from 'node:fs'
import type { Page } from '../support/browser.ts'

const areas = new URL('../../web/src/i18n/en/', import.meta.url)
const keys = globSync('*.json', { cwd: areas }).flatMap((area) =>
  Object.keys(JSON.parse(readFileSync(new URL(area, areas), 'utf8')) as object),
)
/** What comes before the first dot. Names without a dot cannot be told from words. */
const beginnings = new Set(keys.filter((key) => key.includes('.')).map((key) => key.split('.')[0]))

/** Those names, and places in a text that nothing was put into. */
export async function findMissingWords(page: Page): Promise<readonly string[]> {
  const texts: readonly string[] = await page.evaluate(TEXTS)
  return texts
    .flatMap((text) => text.match(/\{\{\w*\}\}|\b[a-z]\w*(?:\.[a-z]\w*)+/gi) ?? [])
    .filter((word) => word.startsWith('{') || beginnings.has(word.split('.')[0]))
}

/** Of the portal: what is read and what is said. Codes, such as those of errors, are named so on purpose. */
const TEXTS = `[...document.querySelectorAll('.shell, .shell *, [role=dialog] *, [role=alertdialog] *')]
  .filter((element) => !element.closest('code, pre, script, style'))
  .flatMap((element) => [
    ...[...element.childNodes].filter(({ nodeType }) => nodeType === Node.TEXT_NODE).map(({ data }) => data),
    ...['aria-label', 'title', 'placeholder', 'alt', 'data-label'].map((name) => element.getAttribute(name) ?? ''),
  ])`
