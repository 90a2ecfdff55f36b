// What happened to a token, from the audit log: made, used from an address that it had not come from before, replaced by a
// newer key, revoked, over by its time; and who did it.

import type { AuditLog, AuditRecord } from '#storage'
import type { TokenStore } from './token-store.ts'
import type { Token } from './tokens.ts'

export const WHATS = ['made', 'used', 'replaced', 'revoked', 'expired'] as const
export type What = (typeof WHATS)[number]

export interface TokenEvent {
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly what: What
  /** A user's id, or `cli`, or what else the audit log says; absent for what happens by itself. */
  readonly actor?: string
  readonly address?: string
}

export interface TokenHistory {
  readonly token: Token
  /** The newest first. */
  readonly events: readonly TokenEvent[]
  /** Give it as `before` for what is older. */
  readonly next?: number
}

export interface HistoryPage {
  readonly limit: number
  readonly before?: number
}

/** Undefined if there is no such token any more. */
export type TellHistory = (id: string, page: HistoryPage) => Promise<TokenHistory | undefined>

export const createTokenHistory =
  (store: Pick<TokenStore, 'find'>, audit: Pick<AuditLog, 'list'>): TellHistory =>
  async (id, { limit, before }) => {
    const token = await store.find(id)
    if (token === undefined) return undefined
    // Of a key, what was done to its account is said under the account's name.
    const subjects = token.kind === 'service-account' ? [id, token.name] : [id]
    const since = token.createdAt
    const query = { userId: token.userId, subjects, since, limit: limit + 1, ...(before !== undefined && { before }) }
    const found = await audit.list(query)
    const shown = found.slice(0, limit)
    const last = shown.at(-1)
    return {
      token,
      events: shown.flatMap((entry) => toEvents(entry, token)),
      ...(found.length > limit && last !== undefined && { next: last.id }),
    }
  }

function toEvents(entry: AuditRecord, { id }: Token): readonly TokenEvent[] {
  const what = whatOf(entry, id)
  if (what === undefined) return []
  const { at, address, userId } = entry
  const actor = entry.actor ?? (what === 'expired' ? undefined : userId)
  return [{ at, what, ...(actor !== undefined && { actor }), ...(address !== undefined && { address }) }]
}

function whatOf({ action, subject, detail }: AuditRecord, id: string): What | undefined {
  if (subject === id) return OWN[action]
  if (action === 'service-account.rotate') return detail?.key === id ? 'made' : 'replaced'
  return action === 'service-account.revoke-key' && detail?.key === id ? 'revoked' : undefined
}

const OWN: Readonly<Record<string, What>> = {
  'token.create': 'made',
  'token.use': 'used',
  'token.revoke': 'revoked',
  'token.expire': 'expired',
}
