// What is written about sign-ups: to administrators when somebody waits, to that person when it is decided.

import type { MailLanguage, MailTemplate, MailText } from '#mail'
import { de } from './sign-up-mails/de.ts'
import { en } from './sign-up-mails/en.ts'
import { es } from './sign-up-mails/es.ts'
import { fr } from './sign-up-mails/fr.ts'
import { it } from './sign-up-mails/it.ts'
import { ja } from './sign-up-mails/ja.ts'
import { ko } from './sign-up-mails/ko.ts'
import type { Asked, Decided, SignUpMails } from './sign-up-mails/mails.ts'
import { zhCN } from './sign-up-mails/zh-cn.ts'

export const signUpAsked: MailTemplate<Asked> = {
  id: 'access.signUpAsked',
  write: inEach(({ asked }) => asked),
}

export const signUpApproved: MailTemplate<Decided> = {
  id: 'access.signUpApproved',
  write: inEach(({ approved }) => approved),
}

export const signUpRefused: MailTemplate<Decided> = {
  id: 'access.signUpRefused',
  write: inEach(({ refused }) => refused),
}

function inEach<Data>(pick: (mails: SignUpMails) => (data: Data) => MailText): MailTemplate<Data>['write'] {
  return {
    en: pick(en),
    de: pick(de),
    fr: pick(fr),
    es: pick(es),
    it: pick(it),
    ja: pick(ja),
    ko: pick(ko),
    'zh-CN': pick(zhCN),
  } satisfies Record<MailLanguage, unknown>
}
