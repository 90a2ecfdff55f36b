import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANGUAGES } from './look.ts'
import { createMoments } from './moments.ts'
import { createWords } from './words.ts'

const words = createWords()
await words.add(new URL('./templates/words.json', import.meta.url))
const momentsIn = (language: (typeof LANGUAGES)[number]) => createMoments(language, words.in(language))

test('spans are told in the unit that people would use', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, 'just now'],
    [-44_000, 'just now'],
    [44_000, 'in less than a minute'],
    [-45_000, '1 minute ago'],
    [60_000, 'in 1 minute'],
    [-100_000, '2 minutes ago'],
    [43 * 60_000, 'in 43 minutes'],
    [59.9 * 60_000, 'in 1 hour'],
    [-2 * 3_600_000, '2 hours ago'],
    [12 * 3_600_000, 'in 12 hours'],
    [3 * 86_400_000, 'in 3 days'],
  ]
  for (const [deltaMs, expected] of cases) assert.equal(momentsIn('en').relative(1e12 + deltaMs, 1e12), expected)
})

test('moments are said in every language', () => {
  const at = '2026-01-21T14:05:00Z'
  const now = Date.parse(at) + 2 * 3_600_000
  const said = LANGUAGES.map((language) => [
    language,
    momentsIn(language).relative(at, now),
    momentsIn(language).exact(at),
  ])
  assert.deepEqual(said, [
    ['en', '2 hours ago', '21 Jan 2026, 14:05 UTC'],
    ['de', 'vor 2 Stunden', '21.01.2026, 14:05 UTC'],
    ['fr', 'il y a 2 heures', '21 janv. 2026, 14:05 UTC'],
    ['es', 'hace 2 horas', '21 ene 2026, 14:05 UTC'],
    ['it', '2 ore fa', '21 gen 2026, 14:05 UTC'],
    ['ja', '2 時間前', '2026/01/21 14:05 UTC'],
    ['ko', '2시간 전', '2026. 1. 21. 오후 2:05 UTC'],
    ['zh-CN', '2小时前', '2026年1月21日 14:05 UTC'],
  ])
  for (const language of LANGUAGES.slice(1)) {
    assert.notEqual(momentsIn(language).relative(now, now), 'just now')
    assert.notEqual(momentsIn(language).relative(now + 1000, now), 'in less than a minute')
  }
})
