// A mail in every language: the same facts, put into the words of each.

import { MAIL_LANGUAGES, type MailLanguage, type MailTemplate, type MailText } from './mail.ts'

/** @param write called once for each language, when the template is declared */
export function inEachLanguage<Words, Data>(
  words: Readonly<Record<MailLanguage, Words>>,
  write: (words: Words, language: MailLanguage) => (data: Data) => MailText,
): MailTemplate<Data>['write'] {
  const each = MAIL_LANGUAGES.map((language) => [language, write(words[language], language)])
  // Every language has been gone through.
  return Object.fromEntries(each) as MailTemplate<Data>['write']
}
