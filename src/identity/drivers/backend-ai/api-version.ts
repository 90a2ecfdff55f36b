// Which version of the Manager's API to speak: the lower of ours and the Manager's own.

/** The newest that we know. */
export const OUR_VERSION = 'v9.20250722'

const VERSION = /^v(\d{1,3})\.(\d{8})$/

/** @param answer what `GET /` of the Manager says; anything unusable means that it is as new as we are. */
export function negotiateVersion(answer: unknown): string {
  const theirs = typeof answer === 'object' && answer !== null && 'version' in answer ? answer.version : undefined
  return typeof theirs === 'string' && VERSION.test(theirs) && isOlder(theirs, OUR_VERSION) ? theirs : OUR_VERSION
}

function isOlder(a: string, b: string): boolean {
  const [majorA = 0, dateA = 0] = partsOf(a)
  const [majorB = 0, dateB = 0] = partsOf(b)
  return majorA === majorB ? dateA < dateB : majorA < majorB
}

const partsOf = (version: string): readonly number[] => (VERSION.exec(version) ?? []).slice(1).map(Number)
