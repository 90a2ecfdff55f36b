// The words of the portal: the same keys and the same places in all eight languages, the forms of a number that each language
// has, and nothing left in English by mistake.

import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LANGUAGES } from '#http'
import { startTexts } from '../../web/src/i18n/texts.ts'
import { findTypographyFaults } from '../support/typography.ts'

const root = new URL('../../web/src/', import.meta.url)
const areas = globSync('i18n/en/*.json', { cwd: root }).map((path) => path.replace(/^.*\//, ''))

const read = (language: string, area: string): Readonly<Record<string, string>> =>
  JSON.parse(readFileSync(new URL(`i18n/${language}/${area}`, root), 'utf8'))

const PLURAL = /_(zero|one|two|few|many|other)$/
const withoutPlural = (key: string): string => key.replace(PLURAL, '')
const placesIn = (text: string): readonly string[] => [...text.matchAll(/\{\{\w+\}\}/g)].map(([place]) => place).sort()

/** Those of English, with the forms of numbers that the language has (Unicode CLDR, as Intl.PluralRules knows them). */
function keysFor(language: string, english: Readonly<Record<string, string>>): ReadonlySet<string> {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories
  const keysOf = (key: string): readonly string[] =>
    `${withoutPlural(key)}_other` in english ? forms.map((form) => `${withoutPlural(key)}_${form}`) : [key]
  return new Set(Object.keys(english).flatMap(keysOf))
}

/** The same in English and in these languages: terms of the trade, and words that both have. */
const SAME: Readonly<Record<string, readonly string[]>> = {
  '*': ['Gatehouse {{version}}'],
  de: ['Hubs', 'Name', 'Navigation', 'Person', 'System', 'Tokens'],
  fr: ['Actions', 'Administration', 'E-mail', 'Hubs', 'Navigation', 'Secret', 'Service', 'Services', 'Sessions'],
  es: ['Hubs'],
  it: ['Account', 'E-mail'],
}

for (const area of areas) {
  const english = read('en', area)
  for (const language of LANGUAGES) {
    test(`${area} in ${language}`, () => {
      const words = read(language, area)
      assert.deepEqual(new Set(Object.keys(words)), keysFor(language, english))
      for (const [key, word] of Object.entries(words)) {
        const original = english[key] ?? english[`${withoutPlural(key)}_other`] ?? ''
        assert.notEqual(word, '', `${key} is said in ${language}`)
        assert.deepEqual(placesIn(word), placesIn(original), key)
        assert.deepEqual(findTypographyFaults(language, word), [], key)
        const isKept = language === 'en' || SAME['*']?.includes(word) || SAME[language]?.includes(word)
        assert.ok(word !== original || isKept, `${key} is not in English: "${word}"`)
      }
    })
  }
}

test('every word that the pages ask for is there', () => {
  const all = new Set(areas.flatMap((area) => Object.keys(read('en', area)).map(withoutPlural)))
  const sources = globSync('**/*.{ts,tsx}', { cwd: root }).map((path) => readFileSync(new URL(path, root), 'utf8'))
  const asked = sources.flatMap((text) => [...text.matchAll(/\bt\('([^']+)'/g)].map(([, key = '']) => key))
  assert.ok(asked.length > 100)
  for (const key of asked) assert.ok(all.has(key), `${key} is in no file of words`)
})

test('numbers are written, and have their form, as in each language', async () => {
  const resources = Object.fromEntries(
    LANGUAGES.map((language) => [language, { shell: read(language, 'settings.json') }]),
  )
  const i18n = await startTexts(resources)
  const said = LANGUAGES.map((lng) =>
    [1, 12_345, 1_000_000].map((count) => i18n.t('tokens.days', { count, lng })).join(' | '),
  )
  assert.deepEqual(said, [
    '1 day | 12,345 days | 1,000,000 days',
    '1 Tag | 12.345 Tagen | 1.000.000 Tagen',
    '1 jour | 12\u202f345 jours | 1\u202f000\u202f000 de jours',
    '1 día | 12.345 días | 1.000.000 de días',
    '1 giorno | 12.345 giorni | 1.000.000 di giorni',
    '1 日 | 12,345 日 | 1,000,000 日',
    '1일 | 12,345일 | 1,000,000일',
    '1 天 | 12,345 天 | 1,000,000 天',
  ])
  assert.equal(i18n.t('tokens.revokeOne', { name: '7', lng: 'de' }), 'Das Token 7 widerrufen')
})
