// `security` of `backendAi`: the same names as in the original's file.

import { CSP_DIRECTIVES, CSP_SOURCE, REQUEST_POLICIES, RESPONSE_POLICIES } from '#backend-ai'
import type { Original, Path } from './original.ts'
import { group, type Setting, setting } from './setting.ts'

export const readSecurity = (original: Original): readonly Setting[] =>
  group('security', [
    ...setting('requestPolicies', readPolicies(original, 'security.request_policies', REQUEST_POLICIES)),
    ...setting('responsePolicies', readPolicies(original, 'security.response_policies', RESPONSE_POLICIES)),
    ...group(
      'csp',
      CSP_DIRECTIVES.flatMap((directive) =>
        setting(directive, readSources(original, `security.csp.${directive.replaceAll('-', '_')}`)),
      ),
    ),
  ])

function readPolicies(original: Original, path: Path, known: readonly string[]): readonly string[] | undefined {
  const names = original.list(path)
  if (names === undefined || names.every((name) => known.includes(name))) return names
  return original.refuse(
    path,
    'the original knows no such policy, and does not start with it',
    `write of these: ${known.join(', ')}`,
  )
}

function readSources(original: Original, path: Path): readonly string[] | undefined {
  // A source may stand with others in one text.
  const sources = original
    .list(path)
    ?.flatMap((text) => text.split(/\s+/))
    .filter((source) => source !== '')
  if (sources === undefined || sources.length === 0) return undefined
  return sources.every((source) => CSP_SOURCE.test(source))
    ? sources
    : original.refuse(
        path,
        'a source has no semicolon, and nothing but visible ASCII',
        'write each as an item of its own, such as "\'self\'"',
      )
}
