// What a trial of something that an operator configured came to.

export type Outcome = Good | Bad

export interface Good {
  readonly ok: true
  /** What was seen, without a full stop. */
  readonly what: string
}

export interface Bad {
  readonly ok: false
  /** What is wrong and why, without a full stop. */
  readonly what: string
  /** What to do about it, without a full stop. */
  readonly fix: string
}

export const good = (what: string): Good => ({ ok: true, what })
export const bad = (what: string, fix: string): Bad => ({ ok: false, what, fix })

/** For what is thrown in words: by `ask`, for one. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
