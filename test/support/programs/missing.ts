// What a suite gets when a program is not to be had: the reason, to skip with. With CI=true that is an error instead,
// so that nothing is left out unseen.

export interface Missing {
  /** The reason, as `node:test` shows it: `{ skip: redis.missing }`. */
  readonly missing: string
}

export const isMissing = (value: object): value is Missing => 'missing' in value

/** @throws with the reason if CI=true. */
export function missing(reason: string): Missing {
  if (process.env.CI === 'true') throw new Error(`${reason}; nothing may be skipped with CI=true`)
  return { missing: reason }
}
