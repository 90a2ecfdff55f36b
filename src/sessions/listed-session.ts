// What a list of sessions says about each: to the person, to administrators, and on the command line.

import { z } from 'zod'
import { deviceName, deviceOf } from './device-name.ts'
import type { SessionRow } from './session.ts'

export const listedSession = z.object({
  ref: z.string().describe('Names the session; no use as a credential.'),
  provider: z.string().describe('The login provider.'),
  createdAt: z.iso.datetime(),
  authenticatedAt: z.iso
    .datetime()
    .optional()
    .describe(
      'When the person last showed who they are, as the login provider says: before `createdAt`, where they were logged in ' +
        'there already. Absent if it does not say.',
    ),
  lastSeenAt: z.iso.datetime().describe('To the minute.'),
  idleEndsAt: z.iso.datetime().describe('It ends here unless it is used again or extended.'),
  endsAt: z.iso.datetime().describe('It ends here whatever happens.'),
  address: z.string().describe('Where the login came from.'),
  userAgent: z.string(),
  device: z.string().describe('Browser and system in English, as far as the browser says.'),
  program: z.string().optional().describe('The browser; absent where it is none that is known.'),
  system: z.string().optional().describe('What the browser runs on, likewise.'),
})

export type ListedSession = z.output<typeof listedSession>

export const toListedSession = (row: SessionRow): ListedSession => {
  const device = deviceOf(row.userAgent)
  const { program, system } = device
  return {
    ref: row.ref,
    provider: row.provider,
    createdAt: iso(row.createdAt),
    ...(row.authenticatedAt !== undefined && { authenticatedAt: iso(row.authenticatedAt) }),
    lastSeenAt: iso(row.lastSeenAt),
    idleEndsAt: iso(row.idleEndsAt),
    endsAt: iso(row.endsAt),
    address: row.address,
    userAgent: row.userAgent,
    device: deviceName(device),
    ...(program !== undefined && { program }),
    ...(system !== undefined && { system }),
  }
}

export const iso = (ms: number): string => new Date(ms).toISOString()
