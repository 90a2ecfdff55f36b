// What is told about sessions: log events, metrics, audit entries. Never a token, never a credential.

import type { Audit, AuditEntry, Logger, Metrics } from '#telemetry'
import type { SessionEnd, SessionRow } from './session.ts'
import type { EndedBy } from './sessions.ts'

/** Signs of somebody tampering with cookies or with the store. */
export type Violation = 'session_value_corrupt' | 'session_cookie_ambiguous'

export interface SessionJournal {
  /** @throws if the audit log cannot keep it: nobody logs in unseen. */
  created(row: SessionRow, by: EndedBy): Promise<void>
  /** A session was taken on to a host of its own. @throws like `created` */
  arrived(row: SessionRow, host: string, by: EndedBy): Promise<void>
  /** @param row absent where the stored value could not be read. */
  ended(ref: string, reason: SessionEnd, row: SessionRow | undefined, by: EndedBy | undefined): Promise<void>
  /** A provider's logout took the credential of a connected account away. */
  disconnected(ref: string, provider: string, row: SessionRow, by: EndedBy | undefined): Promise<void>
  /** It is over, but its value is still in the store. */
  notClearedAway(ref: string, error: unknown): void
  violation(kind: Violation, ref?: string): void
}

export interface JournalDeps {
  readonly log: Logger
  readonly metrics: Metrics
  readonly audit: Audit
}

export function createSessionJournal({ log, metrics, audit }: JournalDeps): SessionJournal {
  const started = metrics.counter({
    name: 'sessions_started_total',
    help: 'Sessions begun, by provider of the login.',
    labels: ['provider'],
  })
  const ended = metrics.counter({
    name: 'sessions_ended_total',
    help: 'Sessions ended, by reason. One that nobody asks for after its time is not counted.',
    labels: ['reason'],
  })
  const violations = metrics.counter({
    name: 'session_violations_total',
    help: 'Stored sessions that did not open and ambiguous cookies.',
    labels: ['kind'],
  })

  /** What is over is over: whoever asked for that must not be told that it failed. */
  const recordEnd = async (entry: AuditEntry): Promise<void> => {
    try {
      await audit.record(entry)
    } catch (error) {
      const { action, subject: session } = entry
      log.error({ event: 'audit_failed', action, session, err: error }, 'audit entry lost')
    }
  }

  return Object.freeze({
    async created(row: SessionRow, by: EndedBy) {
      const { ref, userId, provider, address } = row
      await audit.record({
        action: 'session.create',
        outcome: 'success',
        userId,
        address,
        requestId: by.id,
        subject: ref,
        detail: { provider },
      })
      started.add({ provider })
      log.info({ event: 'session_create', user_id: userId, session: ref, provider, request_id: by.id }, 'session begun')
    },
    async arrived({ ref, userId, address }: SessionRow, host: string, by: EndedBy) {
      await audit.record({
        action: 'session.host',
        outcome: 'success',
        userId,
        address: by.client.address,
        requestId: by.id,
        subject: ref,
        detail: { host, ...(address !== by.client.address && { began: address }) },
      })
      log.info(
        { event: 'session_host', user_id: userId, session: ref, host, request_id: by.id },
        'a session came to a host',
      )
    },
    async ended(ref: string, reason: SessionEnd, row: SessionRow | undefined, by: EndedBy | undefined) {
      ended.add({ reason })
      const userId = row?.userId
      log.info({ event: 'session_end', user_id: userId, session: ref, reason, request_id: by?.id }, 'session ended')
      const entry = { action: 'session.end', outcome: 'success', subject: ref, detail: { reason } } as const
      await recordEnd({ ...entry, ...(userId !== undefined && { userId }), ...(by && actorOf(by, userId)) })
    },
    async disconnected(ref: string, provider: string, { userId }: SessionRow, by: EndedBy | undefined) {
      const reason = 'provider-logout'
      const message = 'a connected account was dropped from a session'
      log.info({ event: 'credential_disconnect', user_id: userId, session: ref, provider, reason }, message)
      const entry = { action: 'credential.disconnect', outcome: 'success', subject: provider, userId } as const
      await recordEnd({ ...entry, detail: { reason, session: ref }, ...(by && actorOf(by, userId)) })
    },
    notClearedAway(ref: string, err: unknown) {
      log.warn({ event: 'session_value_left', session: ref, err }, 'the value of an ended session could not be deleted')
    },
    violation(kind: Violation, ref?: string) {
      violations.add({ kind })
      log.warn(
        { event: 'security_violation', kind, session: ref },
        'a session cookie or its stored value is not as made',
      )
    },
  })
}

const actorOf = (by: EndedBy, owner: string | undefined) => ({
  requestId: by.id,
  address: by.client.address,
  ...(by.userId !== undefined && by.userId !== owner && { actor: by.userId }),
})
