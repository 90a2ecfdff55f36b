// What `mail` offers to the features above it.

import type { Kysely } from 'kysely'

/** Languages in which every mail is written: those of the pages. */
export const MAIL_LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'ja', 'ko', 'zh-CN'] as const
export type MailLanguage = (typeof MAIL_LANGUAGES)[number]

/** What is said, ready to be sent. */
export interface MailText {
  /** One line. */
  readonly subject: string
  /** Plain text; a paragraph is a line, and mail programs break it. */
  readonly text: string
}

/** A mail with blanks, in every language. What fills them is made to be of one line before it arrives here. */
export interface MailTemplate<Data> {
  /** For logs, metrics and the list of mails: `access.signUpAsked`. */
  readonly id: string
  readonly write: Readonly<Record<MailLanguage, (data: Data) => MailText>>
}

export type MailData = Readonly<Record<string, string>>

export interface NewMail<Data extends MailData> {
  /** One address, as a person's row has it; what is none gets nothing. */
  readonly to: string
  readonly template: MailTemplate<Data>
  readonly data: Data
  /** Absent: as configured. */
  readonly language?: MailLanguage
}

export type MailState = 'waiting' | 'failed'

/** A mail that has not been sent. */
export interface UnsentMail {
  readonly id: string
  readonly to: string
  readonly template: string
  readonly subject: string
  readonly state: MailState
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number
  /** When it is tried next; of no meaning once it has failed. */
  readonly nextAt: number
  readonly attempts: number
  /** What the mail server said the last time. */
  readonly lastError?: string
}

export interface UnsentQuery {
  readonly limit: number
  readonly state?: MailState
  /** The id of the last one of the page before. */
  readonly after?: string
}

export interface Mail {
  /** Whether there is a way to send anything. */
  readonly isConfigured: boolean
  /**
   * Puts the mail into the outbox; it is sent once the transaction has been committed, by whichever node comes first.
   *
   * @param transaction in which the reason for the mail is written down; absent: by itself
   * @returns false if nothing will be sent: no mail server is configured, or `to` is no address
   */
  send<Data extends MailData, Tables>(mail: NewMail<Data>, transaction?: Kysely<Tables>): Promise<boolean>
  /** What is waiting or could not be sent, the newest first. */
  listUnsent(query: UnsentQuery): Promise<readonly UnsentMail[]>
}
