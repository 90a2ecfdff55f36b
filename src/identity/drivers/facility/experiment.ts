// Reads a page of experiments as facilities send it: two spellings of a session's number, two kinds of dates, numbers as
// text. One entry that cannot be read costs that entry, not the page.

import { z } from 'zod'
import { FacilityFault } from './call.ts'

export interface Experiment {
  /** Unique at the facility. */
  readonly proposalId: string
  readonly subject: string
  readonly body: string
  readonly beamLine: string
  /** Of the person on the facility's file systems, where the facility says it. */
  readonly uid?: number
  readonly gid?: number
  readonly sessions: readonly ExperimentSession[]
}

export interface ExperimentSession {
  /** Unique within the experiment only. */
  readonly number: string
  /** ms since the epoch. */
  readonly startsAt?: number
  readonly endsAt?: number
  readonly subject: string
  readonly body: string
  /** JSON: which folders hold the data. Not checked here in any way; `[]` where the facility says nothing. */
  readonly dataSetPath: string
}

export interface ReadExperiments {
  readonly count: number
  readonly hasNext: boolean
  readonly hasPrevious: boolean
  readonly experiments: readonly Experiment[]
  readonly unreadable: readonly string[]
}

const MAX_ENTRIES = 1000

/** @throws FacilityFault if it is no page at all */
export function readExperiments(body: unknown): ReadExperiments {
  const { data, error } = page.safeParse(body)
  if (data === undefined) throw new FacilityFault(`no page of experiments (${whereOf(error)})`)
  const entries = data.results.map((entry) => experiment.safeParse(entry))
  return {
    count: data.count,
    hasNext: isLink(data.next),
    hasPrevious: isLink(data.previous),
    experiments: entries.flatMap((entry) => entry.data ?? []),
    unreadable: entries.flatMap((entry, index) => (entry.error ? `entry ${index}: ${whereOf(entry.error)}` : [])),
  }
}

const isLink = (link: unknown): boolean => typeof link === 'string' && link !== ''

/** Which field, and nothing of what it held. */
const whereOf = (error: z.ZodError): string => error.issues[0]?.path.join('.') || 'not an object'

const page = z.object({
  count: z.int().nonnegative(),
  next: z.unknown(),
  previous: z.unknown(),
  results: z.array(z.unknown()).max(MAX_ENTRIES),
})

const shortText = z.string().max(255)
const text = z.preprocess((value) => value ?? '', z.string().max(65_536))
/** Names and numbers alike: `2024001`, `"2024001"`, `"i19-3"`. */
const key = z
  .union([shortText, z.int().nonnegative()])
  .transform(String)
  .refine((value) => /^[^\p{Cc}]+$/u.test(value))

/** 0 is root: nobody's, whatever a facility says. Absent, empty and null are all "not said". */
const unixId = z.preprocess(
  (value) => (value === null || value === '' ? undefined : value),
  z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,10}$/)
        .transform(Number),
    ])
    .refine((value) => value >= 1 && value < 2 ** 32 - 1)
    .optional(),
)

const calendarDay = z
  .object({ year: z.int().min(1).max(9999), month: z.int().min(1).max(12), day: z.int().min(1).max(31) })
  .transform(({ year, month, day }) => toInstant(`${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T00:00:00Z`))

const pad = (value: number, length: number): string => String(value).padStart(length, '0')

const instant = z.preprocess(
  (value) => value ?? undefined,
  z
    .union([z.string().transform(toInstant), calendarDay])
    .refine((value) => !Number.isNaN(value))
    .optional(),
)

/** `YYYY-MM-DDTHH:MM:SSZ`, and nothing that only looks like it: 30 February is no day. */
function toInstant(written: string): number {
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(written) ? Date.parse(written) : Number.NaN
  if (Number.isNaN(time)) return Number.NaN
  return new Date(time).toISOString() === written.replace('Z', '.000Z') ? time : Number.NaN
}

const dataSetPath = z.preprocess(
  (value) => (typeof value === 'string' ? value : JSON.stringify(value ?? [])),
  z.string().max(65_536),
)

const session = z
  .object({
    session_number: key.optional(),
    /** As the interface's own description spells it. */
    sesion_number: key.optional(),
    start_date: instant,
    end_date: instant,
    subject: text,
    body: text,
    data_set_path: dataSetPath,
  })
  .transform((entry, context): ExperimentSession => {
    const number = entry.session_number ?? entry.sesion_number
    const other = entry.sesion_number ?? number
    if (number === undefined || other !== number) {
      context.addIssue({ code: 'custom', path: ['session_number'], message: 'absent, or two numbers' })
      return z.NEVER
    }
    return {
      number,
      ...(entry.start_date !== undefined && { startsAt: entry.start_date }),
      ...(entry.end_date !== undefined && { endsAt: entry.end_date }),
      subject: entry.subject,
      body: entry.body,
      dataSetPath: entry.data_set_path,
    }
  })

const experiment = z
  .object({
    proposal_id: key,
    subject: text,
    body: text,
    beam_line: text,
    uid: unixId,
    gid: unixId,
    sessions: z.preprocess((value) => value ?? [], z.array(session).max(MAX_ENTRIES)),
  })
  .transform(
    (entry): Experiment => ({
      proposalId: entry.proposal_id,
      subject: entry.subject,
      body: entry.body,
      beamLine: entry.beam_line,
      ...(entry.uid !== undefined && { uid: entry.uid }),
      ...(entry.gid !== undefined && { gid: entry.gid }),
      sessions: entry.sessions,
    }),
  )
