// Takes mails out of the outbox, one after the other, and gives them to the transport. What does not go is tried again
// after pauses that grow, for about two days; then it is told of, and kept for a month to be looked at.

import type { Clock } from '#kernel'
import type { Logger, Metrics } from '#telemetry'
import type { LeasedMail, OutboxStore } from './outbox-store.ts'
import { type MailTransport, UndeliveredError } from './transport.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS

/** After the first attempt, the second … in ms; none is left after the last. */
export const RETRY_PAUSES_MS: readonly number[] = [
  MINUTE_MS,
  5 * MINUTE_MS,
  15 * MINUTE_MS,
  HOUR_MS,
  3 * HOUR_MS,
  6 * HOUR_MS,
  12 * HOUR_MS,
  24 * HOUR_MS,
]

/** Nobody waits for a mail server longer than this, which is well within the lease. */
const DELIVERY_MS = 60_000
const LEASE_MS = 3 * MINUTE_MS
/** A server that cannot be used is left alone for a while, whatever else there is to send. */
const SERVER_PAUSE_MS = 30_000
const KEEP_FAILED_MS = 30 * 24 * HOUR_MS

export interface OutboxWorker {
  /** Sends what is due. */
  run(): Promise<void>
  /** Removes what failed long ago. */
  sweep(): Promise<void>
}

export interface OutboxWorkerDeps {
  readonly store: OutboxStore
  readonly transport: MailTransport
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
}

export function createOutboxWorker({ store, transport, clock, log, metrics }: OutboxWorkerDeps): OutboxWorker {
  let pausedUntil = 0
  const mails = metrics.counter({
    name: 'mails_total',
    help: 'Attempts to send a mail, by how they ended.',
    labels: ['outcome'],
  })
  metrics.gauge(
    {
      name: 'mails_unsent',
      help: 'Mails in the outbox: waiting to be sent, or given up.',
      labels: ['state'],
      // Every process sees the same table.
      combine: 'max',
    },
    async () => {
      const { waiting, failed } = await store.count()
      return [
        { labels: { state: 'waiting' }, value: waiting },
        { labels: { state: 'failed' }, value: failed },
      ]
    },
  )

  const giveUpOrRetry = async (mail: LeasedMail, error: UndeliveredError): Promise<void> => {
    const pauseMs = error.isFinal ? undefined : RETRY_PAUSES_MS[mail.attempts]
    const nextAt = pauseMs === undefined ? undefined : clock.now() + pauseMs
    await store.notSent(mail, { error: error.message, nextAt })
    const facts = { mail: mail.id, template: mail.template, attempts: mail.attempts + 1, error: error.message }
    if (nextAt === undefined) {
      mails.add({ outcome: 'failed' })
      log.error({ event: 'mail_failed', ...facts, err: error.cause }, 'a mail could not be sent and is given up')
      return
    }
    mails.add({ outcome: 'retried' })
    log.warn({ event: 'mail_retried', ...facts, err: error.cause }, 'a mail could not be sent and is tried again later')
  }

  /** @returns whether there may be more to do now. */
  const sendOne = async (): Promise<boolean> => {
    const mail = await store.lease(clock.now(), LEASE_MS)
    if (mail === undefined) return false
    try {
      await withinTime(transport.deliver(mail), clock)
    } catch (error) {
      const undelivered = toUndelivered(error)
      await giveUpOrRetry(mail, undelivered)
      if (undelivered.isAboutMail) return true
      pausedUntil = clock.now() + SERVER_PAUSE_MS
      return false
    }
    await store.sent(mail)
    mails.add({ outcome: 'sent' })
    log.info({ event: 'mail_sent', mail: mail.id, template: mail.template }, 'a mail was sent')
    return true
  }

  return Object.freeze({
    async run() {
      if (clock.now() < pausedUntil) return
      while (await sendOne());
    },
    sweep: () => store.removeFailedBefore(clock.now() - KEEP_FAILED_MS),
  })
}

const toUndelivered = (error: unknown): UndeliveredError =>
  error instanceof UndeliveredError ? error : new UndeliveredError('the mail could not be sent', { cause: error })

async function withinTime(delivery: Promise<void>, clock: Clock): Promise<void> {
  const overdue = Promise.withResolvers<never>()
  const cancel = clock.after(DELIVERY_MS, () => overdue.reject(new UndeliveredError('the mail server took too long')))
  try {
    await Promise.race([delivery, overdue.promise])
  } finally {
    cancel()
  }
}
