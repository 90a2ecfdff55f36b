// The mails about sign-ups, as each language writes them.

import type { MailText } from '#mail'

export interface Asked {
  readonly [fact: string]: string
  readonly name: string
  readonly username: string
  readonly provider: string
  readonly email: string
  /** Where to decide. */
  readonly link: string
}

export interface Decided {
  readonly [fact: string]: string
  readonly name: string
  /** Where the person goes next. */
  readonly link: string
  /** Whom to ask, as the operator wrote it; may be empty. */
  readonly contact: string
}

export interface SignUpMails {
  /** To administrators, when somebody waits. */
  asked(facts: Asked): MailText
  /** To that person, when it is decided. */
  approved(facts: Decided): MailText
  refused(facts: Decided): MailText
}
