// A session as one stored value: the row as a line of JSON that the server can read without the cookie, and a line of
// sealed credentials. The seal is bound to the key's name and to every byte of the row, and needs the cookie's secret
// half: a value that was edited, cut, swapped with another's or read with the wrong cookie is no session.

import { z } from 'zod'
import type { UserId } from '#kernel'
import type { Sealer } from '#storage'
import { credentialsFromText, credentialsToText } from './credential-codec.ts'
import type { ActiveSession, SessionRow } from './session.ts'
import type { SessionToken } from './session-token.ts'

export const sessionKeyPrefix = 'websession:'

export const sessionKey = (ref: string): string => `${sessionKeyPrefix}${ref}`

/** The stored value of a session; it opens with this token only. */
export function sealSession(sealer: Sealer, token: SessionToken, { row, credentials }: ActiveSession): string {
  const line = JSON.stringify(row)
  return `${line}\n${sealer.seal(credentialsToText(credentials), sealContext(token, line))}`
}

/** undefined for whatever `sealSession` did not give for this token. */
export function openSession(sealer: Sealer, token: SessionToken, stored: string): ActiveSession | undefined {
  const end = stored.indexOf('\n')
  const line = stored.slice(0, Math.max(end, 0))
  const opened = sealer.open(stored.slice(end + 1), sealContext(token, line))
  const row = opened && parseRow(line)
  const credentials = opened && credentialsFromText(opened.toString())
  return row && credentials && Object.freeze({ row, credentials })
}

/** What the value says about its session. Nothing vouches for it here: good for lists and for finding indexes. */
export const readSessionRow = (stored: string): SessionRow | undefined =>
  parseRow(stored.slice(0, Math.max(stored.indexOf('\n'), 0)))

// The key's name has no line break, so the two cannot be shifted into each other.
const sealContext = (token: SessionToken, line: string) => ({
  purpose: 'session',
  boundTo: `${sessionKey(token.ref)}\n${line}`,
  secret: token.secret,
})

function parseRow(line: string): SessionRow | undefined {
  try {
    const parsed = sessionRow.safeParse(JSON.parse(line))
    return parsed.success ? Object.freeze(parsed.data) : undefined
  } catch {
    return undefined
  }
}

const sessionRow = z.strictObject({
  ref: z.string(),
  userId: z.string().transform((id) => id as UserId),
  provider: z.string(),
  issuer: z.string(),
  subject: z.string(),
  sid: z.string().exactOptional(),
  username: z.string(),
  displayName: z.string(),
  email: z.string().exactOptional(),
  groups: z.array(z.string()),
  awaitsApproval: z.literal(true).exactOptional(),
  createdAt: z.number(),
  authenticatedAt: z.number().exactOptional(),
  lastSeenAt: z.number(),
  idleEndsAt: z.number(),
  endsAt: z.number(),
  address: z.string(),
  userAgent: z.string(),
  extensionMs: z.number().exactOptional(),
  connected: z
    .array(
      z.strictObject({
        id: z.string(),
        provider: z.string(),
        issuer: z.string(),
        subject: z.string(),
        sid: z.string().exactOptional(),
        connectedAt: z.number().exactOptional(),
      }),
    )
    .exactOptional(),
  version: z.literal(1),
})
