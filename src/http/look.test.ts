import assert from 'node:assert/strict'
import { test } from 'node:test'
import { negotiateLanguage } from './look.ts'

test('the language that is wanted most and is one of ours', () => {
  assert.equal(negotiateLanguage('de-CH,de;q=0.9,en;q=0.8'), 'de')
  assert.equal(negotiateLanguage('nl, fr;q=0.4, it;q=0.6'), 'it')
  assert.equal(negotiateLanguage('zh-TW'), 'zh-CN')
  assert.equal(negotiateLanguage('de;q=0, en;q=0.1'), 'en')
})

test('English where nothing fits or nothing can be read', () => {
  for (const header of [undefined, '', '*', 'nl', ';q=1,,', 'de;q=x', 'de;q=7'])
    assert.equal(negotiateLanguage(header), 'en')
})
