// A provider that cannot answer now: the error that says so, and how long it is left in peace for it. That is as long as it
// asked for itself, else a few seconds.

import type { Clock, GatewayError } from '#kernel'
import { loginErrors } from './errors.ts'

/** After a provider did not answer, its sessions leave it in peace for this long. */
export const PAUSE_MS = 5000

interface Away {
  readonly label: string
  /** For the log. */
  readonly reason: string
  /** What the provider asked for, if it did; bounded by who read it. */
  readonly waitMs?: number | undefined
}

/** @returns login.providerUnavailable */
export const providerAway = ({ label, reason, waitMs }: Away): GatewayError =>
  loginErrors.providerUnavailable({ label, waitMs }, { internal: { reason, ...(waitMs !== undefined && { waitMs }) } })

export interface Pauses {
  /** @returns ms until the provider may be asked again; 0 if it may be asked now */
  left(provider: string): number
  /** @param failure what the driver ended in. One of several never shortens what another one asked for. */
  begin(provider: string, failure: GatewayError): void
}

/** Of this process alone: each one finds out for itself. */
export function createPauses(clock: Clock): Pauses {
  const untilMs = new Map<string, number>()
  const left = (provider: string): number => Math.max((untilMs.get(provider) ?? 0) - clock.monotonicMs(), 0)
  return Object.freeze({
    left,
    begin(provider: string, { internal: { waitMs } }: GatewayError) {
      const pauseMs = typeof waitMs === 'number' ? waitMs : PAUSE_MS
      untilMs.set(provider, clock.monotonicMs() + Math.max(pauseMs, left(provider)))
    },
  })
}
