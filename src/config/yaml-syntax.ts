// What is wrong with the syntax of a YAML text, in our own words: the library's may quote the text, and what stands where
// a secret reference belongs may be the secret.

import type { ErrorCode, YAMLError } from 'yaml'
import type { Origin } from './origin.ts'
import { type ConfigProblem, defineProblem } from './problem.ts'

const maxProblems = 10

/** The first error of each line: the ones after it are mostly its echo. */
export function describeSyntaxErrors(
  errors: readonly YAMLError[],
  originOf: (offset: number) => Origin,
): readonly ConfigProblem[] {
  const exhausted = errors.find(({ code }) => code === 'RESOURCE_EXHAUSTION')
  const byLine = new Map<string, ConfigProblem>()
  for (const error of exhausted ? [exhausted] : errors) {
    const origin = originOf(error.pos[0])
    const line = 'line' in origin ? String(origin.line) : ''
    if (!byLine.has(line)) byLine.set(line, yamlProblem(origin, ...syntax[error.code]))
  }
  return [...byLine.values()].slice(0, maxProblems)
}

/** A text that cannot be used, or not safely. */
export const yamlProblem = (
  origin: Origin,
  why: string,
  fix = 'write plain YAML 1.2: maps, lists, text, numbers, true, false',
) => defineProblem({ path: [], origin, what: 'not usable as YAML', why, fix })

const quoteIt = 'put the value in "double quotes"'
const indentIt = 'indent with spaces, the same number for all keys of one map'

const syntax: Readonly<Record<ErrorCode, readonly [why: string, fix?: string]>> = {
  ALIAS_PROPS: ['an alias has an anchor or a tag'],
  BAD_ALIAS: ['an alias (*) or anchor (&) has no name', quoteIt],
  BAD_COLLECTION_TYPE: ['a map or list carries a tag of the wrong kind', 'remove the tag'],
  BAD_DIRECTIVE: ['a line that starts with % is not a directive of YAML', 'remove the line'],
  BAD_DQ_ESCAPE: ['a backslash in double quotes starts an unknown escape', "use 'single quotes' or write \\\\"],
  BAD_INDENT: ['the indentation is wrong, or a bracket is not closed', indentIt],
  BAD_PROP_ORDER: ['an anchor or tag stands in the wrong place'],
  BAD_SCALAR_START: ['a value starts with a character that has a meaning of its own in YAML', quoteIt],
  BLOCK_AS_IMPLICIT_KEY: ['there are two colons in one line, or a map begins where none may', quoteIt],
  BLOCK_IN_FLOW: ['indented YAML stands inside brackets', 'use brackets throughout, or not at all'],
  DUPLICATE_KEY: ['a key stands twice in the same map', 'keep one of them'],
  IMPOSSIBLE: ['it cannot be read'],
  KEY_OVER_1024_CHARS: ['a key is longer than 1024 characters'],
  MISSING_CHAR: ['a quote, comma, colon or bracket is missing', 'close what was opened before this place'],
  MULTILINE_IMPLICIT_KEY: ['a key goes over several lines, or a line lacks its colon', 'write KEY: VALUE'],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'keep one of them'],
  MULTIPLE_DOCS: ['it holds several documents (---)', 'use one file for each and repeat --config'],
  MULTIPLE_TAGS: ['a value has two tags', 'remove the tags'],
  NON_STRING_KEY: ['a key is a list or a map', 'put the key in quotes'],
  RESOURCE_EXHAUSTION: ['it is nested too deep'],
  TAB_AS_INDENT: ['a tab is used for indentation', indentIt],
  TAG_RESOLVE_FAILED: ['tags (!…) are not used in this configuration', 'remove the tag, or quote the value'],
  UNEXPECTED_TOKEN: ['something stands here that does not belong here', quoteIt],
}
