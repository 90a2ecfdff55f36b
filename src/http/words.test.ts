import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { LANGUAGES } from './look.ts'
import { createWords } from './words.ts'

const root = new URL('../', import.meta.url)
const files = globSync('*/templates/words.json', { cwd: root })

test('what is said in another language, with its values; English where it is not known', async () => {
  const words = createWords()
  await words.add(new URL('./identity/templates/', root))
  assert.equal(words.in('de')('Log in with {name}', { name: 'X' }), 'Mit X anmelden')
  assert.equal(words.in('en')('Log in with {name}', { name: 'X' }), 'Log in with X')
  assert.equal(words.in('de')('Never said'), 'Never said')
})

for (const file of files) {
  const words: Record<string, Record<string, string>> = JSON.parse(readFileSync(new URL(file, root), 'utf8'))
  test(`${file}: every language but English has the same words with the same places in them`, () => {
    assert.deepEqual(new Set(Object.keys(words)), new Set(LANGUAGES.slice(1)))
    for (const [language, own] of Object.entries(words)) {
      assert.deepEqual(Object.keys(own), Object.keys(words.de ?? {}), language)
      for (const [english, word] of Object.entries(own)) assert.deepEqual(placesIn(word), placesIn(english), english)
    }
  })

  test(`${file}: what the templates beside it say is in it, and nothing else`, () => {
    const folder = new URL(file.replace('words.json', ''), root)
    const sources = [...globSync('*.eta', { cwd: folder }), ...globSync('../*.ts', { cwd: folder })]
    const text = sources.map((name) => readFileSync(new URL(name, folder), 'utf8')).join('\n')
    for (const english of Object.keys(words.de ?? {}))
      assert.ok(text.includes(english), `"${english}" is said somewhere`)
    const said = [...text.matchAll(/it\.say\('([^']+)'/g)].map(([, english = '']) => english)
    for (const english of said) assert.ok(english in (words.de ?? {}), `"${english}" is in ${file}`)
  })
}

const placesIn = (text: string): readonly string[] => [...text.matchAll(/\{\w+\}/g)].map(([place]) => place).sort()
