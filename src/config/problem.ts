// What is wrong with a configuration, told so that an operator can mend it without reading code.
// A problem never repeats a value that might be a secret.

import { formatOrigin, type Origin } from './origin.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import { visible } from './visible.ts'

export interface ConfigProblem {
  /** The setting, such as `identity[0].type`; empty for a file as a whole. */
  readonly path: string
  readonly origin?: Origin
  /** What is wrong, in two or three words: `unknown key`, `missing`. */
  readonly what: string
  /** Why it is wrong, in one sentence without a full stop. */
  readonly why: string
  /** What to do about it, in one sentence without a full stop. */
  readonly fix: string
  /** The name that was probably meant. */
  readonly didYouMean?: string
}

export interface ProblemFacts {
  readonly path: SettingPath
  readonly origin?: Origin | undefined
  readonly what: string
  readonly why: string
  readonly fix: string
  readonly didYouMean?: string | undefined
}

export const defineProblem = ({ path, origin, didYouMean, ...words }: ProblemFacts): ConfigProblem => ({
  path: formatPath(path),
  ...(origin && { origin }),
  ...words,
  ...(didYouMean !== undefined && { didYouMean }),
})

/** In the order in which an operator meets them: file by file, top to bottom; then etcd, then variables, then the rest. */
export function inReadingOrder(problems: readonly ConfigProblem[], files: readonly string[]): readonly ConfigProblem[] {
  const rank = ({ origin }: ConfigProblem): readonly [number, number, number] => {
    if (origin?.kind === 'file') return [files.indexOf(origin.file), origin.line, origin.column]
    if (origin?.kind === 'etcd') return [files.length, origin.line, origin.column]
    return [files.length + (origin?.kind === 'env' ? 1 : 2), 0, 0]
  }
  const compare = (a: ConfigProblem, b: ConfigProblem): number => {
    const [left, right] = [rank(a), rank(b)]
    return left[0] - right[0] || left[1] - right[1] || left[2] - right[2]
  }
  return problems.toSorted(compare)
}

/** One block of text without a last newline: place and path, what, why, fix. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.origin ? formatOrigin(problem.origin) : 'configuration'
  const head = problem.path === '' ? place : `${place}  ${problem.path}`
  return [head, `  ${problem.what}`, `  why: ${problem.why}`, `  fix: ${problem.fix}`].map(visible).join('\n')
}

/** The same for programs; the place in words, and its parts where it is in a file. */
export const problemAsJson = ({ origin, ...problem }: ConfigProblem) => ({
  ...problem,
  ...(origin && { origin: formatOrigin(origin) }),
  ...(origin?.kind === 'file' && { file: origin.file, line: origin.line, column: origin.column }),
})
