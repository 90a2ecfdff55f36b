// The mails about tokens that end soon, as each language writes them. Moments come in the words of that language.

import type { MailText } from '#mail'

export interface TokenEnds {
  readonly [fact: string]: string
  /** Of the person. */
  readonly name: string
  /** What the person called the token. */
  readonly token: string
  readonly prefix: string
  readonly endsAt: string
  /** How many others of theirs end soon; empty if none. */
  readonly more: string
  /** Where to make another one. */
  readonly link: string
}

export interface KeyEnds {
  readonly [fact: string]: string
  readonly account: string
  readonly prefix: string
  readonly endsAt: string
  readonly usedAt: string
  /** The address of that use. */
  readonly usedFrom: string
  readonly link: string
}

export interface ExpiryMails {
  /** To its owner. */
  token(facts: TokenEnds): MailText
  /** To administrators: a key that a newer one has replaced is still used. */
  key(facts: KeyEnds): MailText
}
