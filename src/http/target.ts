// The one canonical request target: what has two readings is refused, what remains is used byte for
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
 * Refused: other forms, fragments, backslash, controls, bytes above 0x7e, bad escapes, dot segments in any spelling
 * (`%2e`, with `;` parameters, escaped or not), escapes of what never needs escaping (`%41`), of controls, of backslash,
 * and escapes of escapes that hide one of these (`%252e`).
 * Passed as they are: `%2F` and `%25`, `;`, `//` after the first segment, an empty query.
 */
export function parseTarget(requestTarget: string): Target | TargetRefusal {
  if (!requestTarget.startsWith('/')) return refuse('it is not a path that starts with "/"')
  if (requestTarget.startsWith('//')) return refuse('it starts with "//", which some read as another host')
  const queryStart = requestTarget.indexOf('?')
  const path = queryStart === -1 ? requestTarget : requestTarget.slice(0, queryStart)
  const query = queryStart === -1 ? '' : requestTarget.slice(queryStart)
  // Most targets need no closer look: only then is the path taken apart.
  const reason =
    (SUSPECT_PATH.test(path) ? findAmbiguity(path) : undefined) ??
    (SUSPECT_QUERY.test(query) ? 'its query holds a character that must be percent-encoded' : undefined)
  return reason === undefined ? { raw: requestTarget, path, query } : refuse(reason)
}

export const isRefusal = (target: Target | TargetRefusal): target is TargetRefusal => 'reason' in target

const refuse = (reason: string): TargetRefusal => ({ reason })

/** Anything but plain unreserved characters, sub-delims, `:`, `@` and `/`, or any dot: worth a closer look. */
const SUSPECT_PATH = /[^A-Za-z0-9\-_~!$&'()*+,=:@/]/
/** RFC 3986 §3.4 allows pchar, `/` and `?`; browsers also send some others raw, which have one reading only. */
const SUSPECT_QUERY = /[^\x21-\x7e]|[#\\]/
const FORBIDDEN_RAW = /[^\x21-\x7e]|[#\\<>"{}|^`]/
const BAD_ESCAPE = /%(?![0-9A-Fa-f]{2})/
/** RFC 3986 §2.3: unreserved characters, which two readers may or may not decode before they compare. */
const ENCODED_UNRESERVED = /%(?:2[DdEe]|3[0-9]|4[1-9A-Fa-f]|5[0-9AaFf]|6[1-9A-Fa-f]|7[0-9AaEe])/
const ENCODED_CONTROL = /%(?:[01][0-9A-Fa-f]|7[Ff])/
const ENCODED_BACKSLASH = /%5[Cc]/
/** An escaped percent sign that hides another escape of this list, one or more rounds deep. */
const NESTED_ESCAPE = /%25(?:25)*(?:2[EeFf]|5[Cc]|[01][0-9A-Fa-f])/
/** With parameters or without, also for readers that decode the `;` first. */
const DOT_SEGMENT = /(?:^|\/)\.{1,2}(?:(?:;|%3[Bb])[^/]*)?(?=\/|$)/
/** The same inside a segment, for readers that decode `%2F` first. */
const DOT_SEGMENT_AROUND_ENCODED_SLASH = /(?:^|\/|%2[Ff])\.{1,2}(?:(?:;|%3[Bb])[^/]*?)?(?=\/|%2[Ff]|$)/

const AMBIGUITIES: readonly (readonly [RegExp, string])[] = [
  [FORBIDDEN_RAW, 'it holds a character that must be percent-encoded'],
  [BAD_ESCAPE, 'it holds a "%" without two hex digits'],
  [ENCODED_CONTROL, 'it holds an encoded control character'],
  [ENCODED_BACKSLASH, 'it holds an encoded backslash'],
  [ENCODED_UNRESERVED, 'it encodes a character that needs no encoding'],
  [NESTED_ESCAPE, 'it holds an escape inside an escape'],
  [DOT_SEGMENT, 'it holds a "." or ".." segment'],
  [DOT_SEGMENT_AROUND_ENCODED_SLASH, 'it holds a "." or ".." segment beside an encoded slash'],
]

const findAmbiguity = (path: string): string | undefined => AMBIGUITIES.find(([pattern]) => pattern.test(path))?.[1]
