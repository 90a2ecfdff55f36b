// What is written about sign-ups: to administrators when somebody waits, to that person when it is decided.

import { inEachLanguage, type MailLanguage, type MailTemplate } from '#mail'
import { de } from './sign-up-mails/de.ts'
import { en } from './sign-up-mails/en.ts'
import { es } from './sign-up-mails/es.ts'
import { fr } from './sign-up-mails/fr.ts'
import { it } from './sign-up-mails/it.ts'
import { ja } from './sign-up-mails/ja.ts'
import { ko } from './sign-up-mails/ko.ts'
import type { Asked, Decided, SignUpMails } from './sign-up-mails/mails.ts'
import { zhCN } from './sign-up-mails/zh-cn.ts'

const WORDS: Readonly<Record<MailLanguage, SignUpMails>> = { en, de, fr, es, it, ja, ko, 'zh-CN': zhCN }

export const signUpAsked: MailTemplate<Asked> = {
  id: 'access.signUpAsked',
  write: inEachLanguage(WORDS, ({ asked }) => asked),
}

export const signUpApproved: MailTemplate<Decided> = {
  id: 'access.signUpApproved',
  write: inEachLanguage(WORDS, ({ approved }) => approved),
}

export const signUpRefused: MailTemplate<Decided> = {
  id: 'access.signUpRefused',
  write: inEachLanguage(WORDS, ({ refused }) => refused),
}
