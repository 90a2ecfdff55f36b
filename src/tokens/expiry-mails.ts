// What is written about tokens that end soon: to their owners, and to administrators about keys that are still in use.

import { createMoments } from '#http'
import { inEachLanguage, type MailLanguage, type MailTemplate } from '#mail'
import { de } from './expiry-mails/de.ts'
import { en } from './expiry-mails/en.ts'
import { es } from './expiry-mails/es.ts'
import { fr } from './expiry-mails/fr.ts'
import { it } from './expiry-mails/it.ts'
import { ja } from './expiry-mails/ja.ts'
import { ko } from './expiry-mails/ko.ts'
import type { ExpiryMails, KeyEnds, TokenEnds } from './expiry-mails/mails.ts'
import { zhCN } from './expiry-mails/zh-cn.ts'

const WORDS: Readonly<Record<MailLanguage, ExpiryMails>> = { en, de, fr, es, it, ja, ko, 'zh-CN': zhCN }

/** Moments in ISO 8601. */
export const tokenEnds: MailTemplate<TokenEnds> = {
  id: 'tokens.tokenEnds',
  write: inEachLanguage(WORDS, ({ token }, language) => {
    const exact = momentsIn(language)
    return (facts) => token({ ...facts, endsAt: exact(facts.endsAt) })
  }),
}

export const keyEnds: MailTemplate<KeyEnds> = {
  id: 'tokens.keyEnds',
  write: inEachLanguage(WORDS, ({ key }, language) => {
    const exact = momentsIn(language)
    return (facts) => key({ ...facts, endsAt: exact(facts.endsAt), usedAt: exact(facts.usedAt) })
  }),
}

function momentsIn(language: MailLanguage): (at: string) => string {
  return createMoments(language, (english) => english).exact
}
