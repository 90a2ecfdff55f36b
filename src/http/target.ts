// The one canonical request target (security.md P1): what has two readings is refused, what remains is used byte for
// byte. Routing, policies and forwarding all work on the same raw bytes; nothing here ever decodes for a decision.

export interface Target {
  /** Path and query exactly as received, below the base path: `/api/manager/folders?x=1`. */
  readonly raw: string
  /** `raw` without the query. Starts with `/`. */
  readonly path: string
  /** `?…` including the question mark, or empty. */
  readonly query: string
}

export interface TargetRefusal {
  /** Why the target has two readings; for the log and the error's detail. */
  readonly reason: string
}

/**
 * Parses a request target in origin form (RFC 9112 §3.2.1).
 * Refuses: other forms, fragments, backslash, controls, bytes above 0x7e, bad escapes, dot segments in any
 * spelling (`%2e`, with `;` parameters), encoded unreserved characters, encoded backslash, `%25`-hidden second readings of those.
 * Passes: `%2F`, `;`, `//` in the suffix, an empty query.
 */
export function parseTarget(_requestTarget: string): Target | TargetRefusal {
  throw new Error('not yet')
}
