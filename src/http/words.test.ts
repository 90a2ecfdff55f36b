import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { findTypographyFaults } from '../../test/support/typography.ts'
import { LANGUAGES } from './look.ts'
import { createWords } from './words.ts'

const root = new URL('../', import.meta.url)
const files = globSync('*/templates/words.json', { cwd: root })

test('what is said in another language, with its values; English where it is not known', async () => {
  const words = createWords()
  await words.add(new URL('./identity/templates/words.json', root))
  assert.equal(words.in('de')('Log in with {name}', { name: 'X' }), 'Mit X anmelden')
  assert.equal(words.in('en')('Log in with {name}', { name: 'X' }), 'Log in with X')
  assert.equal(words.in('de')('Never said'), 'Never said')
  assert.deepEqual(
    [words.has('de', 'Log in'), words.has('de', 'Never said'), words.has('en', 'Never said')],
    [true, false, true],
  )
})

for (const file of files) {
  const words: Record<string, Record<string, string>> = JSON.parse(readFileSync(new URL(file, root), 'utf8'))
  test(`${file}: every language but English has the same words with the same places in them`, () => {
    assert.deepEqual(new Set(Object.keys(words)), new Set(LANGUAGES.slice(1)))
    for (const [language, own] of Object.entries(words)) {
      assert.deepEqual(Object.keys(own), Object.keys(words.de ?? {}), language)
      for (const [english, word] of Object.entries(own)) {
        assert.deepEqual(placesIn(word), placesIn(english), english)
        assert.deepEqual(findTypographyFaults(language, word), [], `${language}: ${english}`)
      }
    }
  })

  test(`${file}: what the templates beside it say is in it, and nothing else`, () => {
    const folder = new URL(file.replace('words.json', ''), root)
    const sources = [...globSync('*.eta', { cwd: folder }), ...globSync('../*.ts', { cwd: folder })]
    const text = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n')
    for (const english of Object.keys(words.de ?? {}))
      assert.ok(text.includes(english), `"${english}" is said somewhere`)
    const said = [...text.matchAll(/it\.say\('([^']+)'|\bpage\('[\w-]+', '([^']+)'/g)].map(([, a, b]) => a ?? b ?? '')
    for (const english of said) assert.ok(english in (words.de ?? {}), `"${english}" is in ${file}`)
  })
}

test('what is said in two places is said in the same words', () => {
  const all = new Map<string, string>()
  for (const file of files) {
    const words: Record<string, Record<string, string>> = JSON.parse(readFileSync(new URL(file, root), 'utf8'))
    for (const [language, own] of Object.entries(words)) {
      for (const [english, word] of Object.entries(own)) {
        const key = `${language}: ${english}`
        assert.equal(word, all.get(key) ?? word, `${key} in ${file}`)
        all.set(key, word)
      }
    }
  }
})

test('no page but those for programmers has words that are not said', () => {
  const pages = globSync('*/templates/*.eta', { cwd: root }).filter((name) => !/\/docs(-errors)?\.eta$/.test(name))
  assert.ok(pages.length > 10)
  for (const name of pages) {
    const bare = readFileSync(new URL(name, root), 'utf8')
      .replaceAll(/<span lang="en">.*?<\/span>|<code>.*?<\/code>|<%[\s\S]*?%>/g, '')
      .replaceAll(/<[^>]*?(?:aria-label|title|alt|placeholder)="([^"]*)"[^>]*>/g, ' $1 ')
      .replaceAll(/<[^>]*>/g, ' ')
    assert.doesNotMatch(bare, /\p{L}{2,}/u, name)
  }
})

const placesIn = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
