// Moments on pages, as people say them in the language of the page: "in 43 minutes", "2 hours ago", and to the minute.

import type { Language } from './look.ts'
import type { Say } from './words.ts'

/** A moment: ms since the epoch, or ISO 8601. */
export type Moment = number | string

export interface Moments {
  /** @example relative(now + 43 * 60_000, now) // 'in 43 minutes' */
  relative(at: Moment, now: number): string
  /** @example exact('2026-11-21T14:05:00Z') // '21 Nov 2026, 14:05 UTC' */
  exact(at: Moment): string
}

export function createMoments(language: Language, say: Say): Moments {
  // Of the two ways to write dates in English, the one of the rest of the world.
  const locale = language === 'en' ? 'en-GB' : language
  const words = new Intl.RelativeTimeFormat(locale, { numeric: 'always' })
  const absolute = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
  return Object.freeze({
    relative(at: Moment, now: number) {
      const deltaMs = msOf(at) - now
      const size = Math.abs(deltaMs)
      if (size < 45_000) return deltaMs > 0 ? say('in less than a minute') : say('just now')
      const [unit, unitMs] = UNITS.find(([, ms]) => size >= ms * 0.95) ?? MINUTE
      return words.format(Math.round(deltaMs / unitMs), unit)
    },
    exact: (at: Moment) => `${absolute.format(msOf(at))} UTC`,
  })
}

const msOf = (at: Moment): number => (typeof at === 'number' ? at : Date.parse(at))

const MINUTE = ['minute', 60_000] as const

const UNITS = [['day', 86_400_000], ['hour', 3_600_000], MINUTE] as const
