// What the doctor finds: one line for each thing that was looked at, with its remedy where it is not well.

import type { LoadedConfig } from '#config'
import type { Gateway } from '../../gateway.ts'
import type { GatewayConfig } from '../../modules.ts'
import type { Outcome } from '../probe/outcome.ts'

/** `skipped`: it could not be looked at, because of what another line says or because it does not apply. */
export type Status = 'ok' | 'warning' | 'failure' | 'skipped'

export interface Finding {
  /** What was looked at: `discovery sso`. */
  readonly check: string
  readonly status: Status
  /** What was seen, without a full stop. Never a secret. */
  readonly what: string
  /** What to do about it, without a full stop. */
  readonly fix?: string
}

/** What is looked at. Nothing of it is changed. */
export interface Patient {
  readonly loaded: LoadedConfig<GatewayConfig>
  /** Where people reach the gateway; undefined without `server.url` and `--url`. */
  readonly url: string | undefined
  /** Of the same configuration, with nothing opened. */
  readonly gateway: Gateway
  /** An event stream behind the gateway that needs no login, as a path; undefined if none was named. */
  readonly streamPath: string | undefined
}

/** Ends within seconds, whatever does not answer. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>

export const ok = (check: string, what: string): Finding => ({ check, status: 'ok', what })
export const warning = (check: string, what: string, fix: string): Finding => ({ check, status: 'warning', what, fix })
export const failure = (check: string, what: string, fix: string): Finding => ({ check, status: 'failure', what, fix })
export const skipped = (check: string, what: string): Finding => ({ check, status: 'skipped', what })

export const toFinding = (check: string, outcome: Outcome): Finding =>
  outcome.ok ? ok(check, outcome.what) : failure(check, outcome.what, outcome.fix)

/** How long a certificate is still good. */
export function judgeCertificate(check: string, ends: Date, nowMs: number): Finding {
  const days = Math.floor((ends.getTime() - nowMs) / DAY_MS)
  const until = ends.toISOString().slice(0, 10)
  if (days < 0) return failure(check, `the certificate ended on ${until}`, 'renew it; a gateway that runs takes it up')
  const left = `the certificate is good until ${until}, ${days} days from now`
  return days < SOON_DAYS
    ? warning(check, left, 'renew it, and see why that did not happen by itself')
    : ok(check, left)
}

const DAY_MS = 86_400_000
const SOON_DAYS = 14
