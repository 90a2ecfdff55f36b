// What went wrong, as the server says it (RFC 9457), or that it did not answer at all.

export interface ProblemFacts {
  /** 0: there was no answer. */
  readonly status: number
  readonly code?: string | undefined
  readonly title?: string | undefined
  readonly detail?: string | undefined
  readonly hint?: string | undefined
  readonly errorId?: string | undefined
  readonly cause?: unknown
}

export class Problem extends Error {
  readonly facts: ProblemFacts

  constructor(facts: ProblemFacts) {
    super(facts.detail ?? facts.title ?? `status ${facts.status}`, { cause: facts.cause })
    this.facts = facts
  }
}

export function toProblem(body: unknown, status: number): Problem {
  const said: Readonly<Record<string, unknown>> = typeof body === 'object' && body !== null ? { ...body } : {}
  const text = (name: string): string | undefined => (typeof said[name] === 'string' ? said[name] : undefined)
  return new Problem({
    status,
    code: text('code'),
    title: text('title'),
    detail: text('detail'),
    hint: text('hint'),
    errorId: text('errorId'),
  })
}

export const hasCode = (error: unknown, code: string): boolean => error instanceof Problem && error.facts.code === code

/** A token in a cookie, say, is refused whoever is logged in: another login would not help. */
export const isEndOfSession = (error: unknown): boolean =>
  error instanceof Problem && error.facts.status === 401 && error.facts.code !== 'token.misplaced'
