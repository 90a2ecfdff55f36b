// Instants as people say them: "in 43 minutes", "2 hours ago", with the exact instant beside it for a <time> element.

export interface ShownTime {
  /** ISO 8601, UTC. */
  readonly iso: string
  /** To the minute, for people: 21 Nov 2026, 14:05 UTC. */
  readonly exact: string
  readonly relative: string
}

export const showTime = (at: number, now: number): ShownTime => ({
  iso: new Date(at).toISOString(),
  exact: `${absolute.format(at)} UTC`,
  relative: relativeTo(at - now),
})

function relativeTo(deltaMs: number): string {
  const size = Math.abs(deltaMs)
  if (size < 45_000) return deltaMs > 0 ? 'in less than a minute' : 'just now'
  const [unit, unitMs] = units.find(([, ms]) => size >= ms * 0.95) ?? minutes
  return words.format(Math.round(deltaMs / unitMs), unit)
}

const minutes = ['minute', 60_000] as const

const units = [['day', 86_400_000], ['hour', 3_600_000], minutes] as const

const words = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

const absolute = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
