// The kind: a way for one mail to leave. Drivers in `transports/`; each passes `transport.contract.ts`.

export interface OutgoingMail {
  /** Names the mail for ever: a second copy bears the same one. */
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly text: string
  /** Milliseconds since the epoch. */
  readonly createdAt: number
}

export interface MailTransport {
  /** Resolves once somebody else is responsible for it. @throws UndeliveredError */
  deliver(mail: OutgoingMail): Promise<void>
}

export class UndeliveredError extends Error {
  /** Trying again would end in the same way. */
  readonly isFinal: boolean
  /** It is about this mail only: others may be tried at once. */
  readonly isAboutMail: boolean

  constructor(
    message: string,
    {
      isFinal = false,
      isAboutMail = isFinal,
      cause,
    }: { readonly isFinal?: boolean; readonly isAboutMail?: boolean; readonly cause?: unknown } = {},
  ) {
    super(message, { cause })
    this.isFinal = isFinal
    this.isAboutMail = isAboutMail
  }
}
