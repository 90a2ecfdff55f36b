// Path patterns of policies: raw segments, `*` for one segment, `**` for the rest, which may be nothing.
// A pattern is compiled once and compared byte for byte; nothing is decoded here, and letter case counts.

import { isRefusal, parseTarget } from '#http'

/** Answers whether a raw path, with its leading `/`, is covered. */
export type PathMatcher = (path: string) => boolean

/**
 * Why a pattern could never mean what its author hoped, or undefined if it is fine.
 *
 * @example findPatternFault('/folders/**') // undefined
 */
export function findPatternFault(pattern: string): string | undefined {
  if (!pattern.startsWith('/')) return 'a path starts with "/" and is counted from the path of its upstream or site'
  const target = parseTarget(`/upstream${pattern}`)
  if (isRefusal(target)) return `no request could have such a path: ${target.reason}`
  if (target.query !== '') return 'policies see paths only, never the query'
  const segments = segmentsOf(pattern)
  for (const [index, segment] of segments.entries()) {
    if (segment === '**' && index < segments.length - 1) return '"**" stands for the rest of the path and comes last'
    if (segment.includes('*') && segment !== '*' && segment !== '**') {
      return `"*" stands for a whole segment; "${segment}" mixes it with other characters`
    }
  }
  return undefined
}

/** One matcher for all patterns of a rule: `/folders/*` covers `/folders/7`, `/folders/**` also `/folders` and all below. */
export function compilePaths(patterns: readonly string[]): PathMatcher {
  const exact = new Set(patterns.filter((pattern) => !pattern.includes('*')))
  const wild = patterns.filter((pattern) => pattern.includes('*')).map(sourceOf)
  if (wild.length === 0) return (path) => exact.has(path)
  const expression = new RegExp(`^(?:${wild.join('|')})$`, 's')
  return (path) => exact.has(path) || expression.test(path)
}

const segmentsOf = (pattern: string): readonly string[] => pattern.slice(1).split('/')

/** Each alternative is linear: one quantifier per segment, which cannot cross the next slash, and at most one for the rest. */
const sourceOf = (pattern: string): string =>
  segmentsOf(pattern)
    .map((segment) => {
      if (segment === '**') return '(?:/.*)?'
      return segment === '*' ? '/[^/]+' : `/${RegExp.escape(segment)}`
    })
    .join('')
