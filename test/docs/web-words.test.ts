// The words of the portal: the same keys and the same places in all eight languages; English and German complete. What is
// empty in another language is shown in English.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LANGUAGES } from '#http'

const root = new URL('../../web/src/', import.meta.url)
const areas = globSync('i18n/en/*.json', { cwd: root }).map((path) => path.replace(/^.*\//, ''))

const read = (language: string, area: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(new URL(`i18n/${language}/${area}`, root), 'utf8'))

/** Languages differ in how many forms a number has. */
const withoutPlural = (key: string): string => key.replace(/_(zero|one|two|few|many|other)$/, '')
const keysOf = (words: object): ReadonlySet<string> => new Set(Object.keys(words).map(withoutPlural))
const placesIn = (text: string): readonly string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([place]) => place).sort()

for (const area of areas) {
  const english = read('en', area)
  for (const language of LANGUAGES) {
    test(`${area} in ${language}`, () => {
      const words = read(language, area)
      assert.deepEqual(keysOf(words), keysOf(english))
      for (const [key, word] of Object.entries(words)) {
        const original = english[key] ?? english[`${withoutPlural(key)}_other`] ?? ''
        if (word !== '') assert.deepEqual(placesIn(word), placesIn(original), key)
        else assert.ok(!['en', 'de'].includes(language), `${key} is said in ${language}`)
      }
    })
  }
}

test('every word that the pages ask for is there', () => {
  const all = new Set(areas.flatMap((area) => [...keysOf(read('en', area))]))
  const sources = globSync('**/*.{ts,tsx}', { cwd: root }).map((path) => readFileSync(new URL(path, root), 'utf8'))
  const asked = sources.flatMap((text) => [...text.matchAll(/\bt\('([^']+)'/g)].map(([, key = '']) => key))
  assert.ok(asked.length > 100)
  for (const key of asked) assert.ok(all.has(key), `${key} is in no file of words`)
})
