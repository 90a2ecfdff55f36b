// Mails about tokens that end soon, in every language: they say everything, in its place, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANGUAGES } from '#http'
import { findTypographyFaults } from '../../test/support/typography.ts'
import { keyEnds, tokenEnds } from './expiry-mails.ts'

const at = { endsAt: '2026-11-29T14:05:00.000Z', usedAt: '2026-11-28T09:30:00.000Z' }
const token = { name: 'NAME', token: 'TOKEN', prefix: 'gh_Ab12', endsAt: at.endsAt, more: '42', link: 'LINK' }
const key = { account: 'ACCOUNT', prefix: 'ghs_Ab12', ...at, usedFrom: '192.0.2.7', link: 'LINK' }

for (const language of LANGUAGES) {
  test(`in ${language}`, () => {
    const mails = [
      { mail: tokenEnds.write[language](token), says: ['NAME', 'TOKEN', 'gh_Ab12', '2026', ':05 UTC', '42', 'LINK'] },
      {
        mail: keyEnds.write[language](key),
        says: ['ACCOUNT', 'ghs_Ab12', ':05 UTC', ':30 UTC', '192.0.2.7', 'LINK'],
      },
    ]
    for (const { mail, says } of mails) {
      for (const fact of says) assert.ok(mail.text.includes(fact), `${fact} in ${mail.text}`)
      assert.doesNotMatch(mail.subject, /\n/)
      for (const line of [mail.subject, ...mail.text.split('\n')])
        assert.deepEqual(findTypographyFaults(language, line), [])
      assert.doesNotMatch(mail.text, /undefined|[{\n]\n\n/)
    }
    const alone = tokenEnds.write[language]({ ...token, more: '' }).text
    assert.equal(alone.split('\n').length, tokenEnds.write[language](token).text.split('\n').length - 2, alone)
  })
}
