// A moment, said as people say it, and below it to the minute: nobody has to point at it, and it is no stop for the Tab key.

import { useTranslation } from 'react-i18next'

interface WhenProps {
  /** ISO 8601, or ms since the epoch. */
  readonly at: string | number
}

export function When({ at }: WhenProps) {
  const { i18n } = useTranslation()
  const date = new Date(at)
  const exact = new Intl.DateTimeFormat(i18n.language, { dateStyle: 'medium', timeStyle: 'short' })
  return (
    <time dateTime={date.toISOString()}>
      {sayRelative(date.getTime() - Date.now(), i18n.language)}
      <span className="exact">{exact.format(date)}</span>
    </time>
  )
}

const UNITS = [
  ['year', 31_536_000_000],
  ['month', 2_592_000_000],
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const

/** @param distanceMs from now; negative is past. */
export function sayRelative(distanceMs: number, language: string): string {
  const format = new Intl.RelativeTimeFormat(language, { numeric: 'auto' })
  const [unit, size] = UNITS.find(([, each]) => Math.abs(distanceMs) >= each) ?? ['second', Number.POSITIVE_INFINITY]
  return format.format(size === Number.POSITIVE_INFINITY ? 0 : Math.round(distanceMs / size), unit)
}

/** `2 hr, 5 min`; below a minute in seconds. */
export function sayDuration(ms: number, language: string): string {
  const say = (value: number, unit: string): string =>
    new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'short' }).format(value)
  const minutes = Math.floor(ms / 60_000)
  if (minutes < 1) return say(Math.max(0, Math.ceil(ms / 1000)), 'second')
  if (minutes < 60) return say(minutes, 'minute')
  const hours = Math.floor(minutes / 60)
  return minutes % 60 === 0 ? say(hours, 'hour') : `${say(hours, 'hour')} ${say(minutes % 60, 'minute')}`
}
