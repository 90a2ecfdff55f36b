// The last look at a line of the log: at most 2 KiB, and nothing in it that a terminal would obey.

export const MAX_LINE_BYTES = 2048

/** @param line one JSON object and its newline. */
export function boundLine(line: string): string {
  const safe = withoutControls(line)
  return fits(safe) ? safe : shorten(JSON.parse(line))
}

/** What JSON leaves as it is although terminals or line readers act on it: C1 controls, separators, overrides. */
const UNSAFE = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/
const ALL_UNSAFE = new RegExp(UNSAFE, 'g')

const withoutControls = (line: string): string => (UNSAFE.test(line) ? line.replace(ALL_UNSAFE, escaped) : line)

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

/** A character takes at most three bytes, so that most lines need not be measured. */
const fits = (line: string): boolean => line.length * 3 <= MAX_LINE_BYTES || Buffer.byteLength(line) <= MAX_LINE_BYTES

/** Cuts every text shorter and shorter; in the end only what identifies the event is left. */
function shorten(entry: Readonly<Record<string, unknown>>): string {
  for (const maxLength of [400, 160, 64, 24]) {
    const line = serialise(entry, maxLength)
    if (fits(line)) return line
  }
  const core = Object.fromEntries(CORE.map((name) => [name, entry[name]]))
  return serialise({ ...core, shortened: true }, 32)
}

const CORE = ['level', 'time', 'event', 'request_id', 'user_id', 'status', 'msg']

const serialise = (entry: Readonly<Record<string, unknown>>, maxLength: number): string =>
  `${withoutControls(JSON.stringify(entry, (_, value: unknown) => cut(value, maxLength)))}\n`

const cut = (value: unknown, maxLength: number): unknown =>
  typeof value === 'string' && value.length > maxLength ? `${value.slice(0, maxLength)}…` : value
