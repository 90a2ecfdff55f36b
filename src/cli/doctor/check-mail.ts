// The mail server: whether it would take a mail of ours. None is sent.

import { trySmtp } from '#mail'
import { PATIENCE_MS } from '../probe/ask.ts'
import { type Check, failure, ok, skipped } from './finding.ts'

export const checkMail: Check = async ({ loaded: { config } }) => {
  const check = 'mail server'
  if (config.mail === undefined) return []
  const { smtp, file } = config.mail
  if (smtp === undefined) return [skipped(check, `there is none: mails become files in ${file}`)]
  const fault = await trySmtp(smtp, PATIENCE_MS)
  if (fault !== undefined) {
    const fix =
      'see that this machine may reach it, and that host, port, tls, ca, user and password in mail.smtp are right'
    return [failure(check, `${smtp.host} takes no mail of ours: ${fault}`, fix)]
  }
  const how = smtp.dangerouslyPlain ? 'without encryption' : 'encrypted'
  return [ok(check, `${smtp.host} answers, ${how}${smtp.user === undefined ? '' : `, and lets ${smtp.user} in`}`)]
}
