// The findings for people and for programs.

import type { Finding, Status } from './finding.ts'

const MARKS: Readonly<Record<Status, string>> = {
  ok: 'ok      ',
  warning: 'warning ',
  failure: 'FAILURE ',
  skipped: '-       ',
}

export function formatFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ check }) => check.length))
  const lines = findings.flatMap(({ check, status, what, fix }) => [
    `${MARKS[status]}${check.padEnd(width)}  ${what}`,
    ...(fix === undefined ? [] : [`${' '.repeat(MARKS.ok.length + width + 2)}to do: ${fix}`]),
  ])
  return [...lines, '', summarize(findings)].join('\n')
}

export const countOf = (findings: readonly Finding[], status: Status): number =>
  findings.filter((finding) => finding.status === status).length

function summarize(findings: readonly Finding[]): string {
  const [failures, warnings, skipped] = [
    countOf(findings, 'failure'),
    countOf(findings, 'warning'),
    countOf(findings, 'skipped'),
  ]
  const left = skipped === 0 ? '' : `; ${skipped} not looked at`
  return `${failures} failures, ${warnings} warnings, ${countOf(findings, 'ok')} well${left}.`
}
