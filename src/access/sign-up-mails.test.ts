// Mails about sign-ups, in every language: they say everything, in its place, and nothing else.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LANGUAGES } from '#http'
import { MAIL_LANGUAGES } from '#mail'
import { findTypographyFaults } from '../../test/support/typography.ts'
import { signUpApproved, signUpAsked, signUpRefused } from './sign-up-mails.ts'

const asked = { name: 'NAME', username: 'USERNAME', provider: 'PROVIDER', email: 'EMAIL', link: 'LINK' }
const decided = { name: 'NAME', link: 'LINK', contact: 'CONTACT' }

test('mails are written in the languages of the pages', () => {
  assert.deepEqual(MAIL_LANGUAGES, LANGUAGES)
})

for (const language of LANGUAGES) {
  test(`in ${language}`, () => {
    const mails = [
      { mail: signUpAsked.write[language](asked), says: Object.values(asked) },
      { mail: signUpApproved.write[language](decided), says: ['NAME', 'LINK'] },
      { mail: signUpRefused.write[language](decided), says: ['NAME', 'CONTACT'] },
    ]
    for (const { mail, says } of mails) {
      for (const fact of says) assert.ok(mail.text.includes(fact), fact)
      assert.doesNotMatch(mail.subject, /\n/)
      for (const line of [mail.subject, ...mail.text.split('\n')])
        assert.deepEqual(findTypographyFaults(language, line), [])
      assert.doesNotMatch(mail.text, /undefined|\{/)
    }
    const nobody = signUpRefused.write[language]({ ...decided, contact: '' })
    assert.equal(nobody.text.trimEnd().split('\n').length, 3, 'nothing where nobody is named')
  })
}
