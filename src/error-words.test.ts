import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LANGUAGES } from '#http'
import { findTypographyFaults } from '../test/support/typography.ts'
import { errorCatalogue } from './error-catalogue.ts'

const words: Record<string, Record<string, string>> = JSON.parse(
  readFileSync(new URL('./error-words.json', import.meta.url), 'utf8'),
)
const known = Object.keys(words.de ?? {})

/** Whoever follows a link or logs in may meet any of these. */
const MET_IN_BROWSERS =
  /^(session|login|credential|host|upstream)\.|^http\.(notFound|tooManyRequests|internal|draining)$/

test('titles and hints of errors: the same in every language but English, and nothing that no error says', () => {
  assert.deepEqual(new Set(Object.keys(words)), new Set(LANGUAGES.slice(1)))
  const said = new Set(errorCatalogue.flatMap(({ title, hint }) => [title, hint]))
  for (const english of known) assert.ok(said.has(english), `no error says "${english}" any more`)
  for (const [language, own] of Object.entries(words)) {
    assert.deepEqual(Object.keys(own), known, language)
    for (const word of Object.values(own)) assert.deepEqual(findTypographyFaults(language, word), [], language)
  }
})

test('what people meet in a browser is said in their language', () => {
  for (const { code, title, hint } of errorCatalogue) {
    if (!MET_IN_BROWSERS.test(code)) continue
    for (const english of [title, hint])
      assert.ok(known.includes(english), `"${english}" of ${code} is in error-words.json`)
  }
})
