export type { MailConfig } from './config.ts'
export { inEachLanguage } from './in-each-language.ts'
export {
  MAIL_LANGUAGES,
  type Mail,
  type MailData,
  type MailLanguage,
  type MailState,
  type MailTemplate,
  type MailText,
  type NewMail,
  type UnsentMail,
  type UnsentQuery,
} from './mail.ts'
export { isMailAddress } from './mail-address.ts'
export { mailModule } from './mail-module.ts'
export { trySmtp } from './transports/smtp.ts'
