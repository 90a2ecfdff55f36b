// The audit port: what happened to whom, for people who must answer for it later. Kept by `storage` in SQL.

export interface AuditEntry {
  /** `session.create`, `session.end`, `login.failed`, `access.refused`, `user.disable` … */
  readonly action: string
  readonly outcome: 'success' | 'failure'
  /** Gatehouse's user id, or undefined where nobody was known. */
  readonly userId?: string
  /** Who acted, where that is not the user: `cli`, another user's id. */
  readonly actor?: string
  readonly address?: string
  readonly requestId?: string
  /** What was acted on: a session's reference, an upstream's id, a user. Never a secret. */
  readonly subject?: string
  readonly detail?: Readonly<Record<string, string | number | boolean>>
}

export interface Audit {
  /** Resolves when the entry is kept. Writers that must not wait use `void audit.record(…)` with a catch of their own. */
  record(entry: AuditEntry): Promise<void>
}
