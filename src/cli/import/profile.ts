// Which release of Backend.AI the original's file belongs to: it does not say, but some keys are known from one on.

import type { Original } from './original.ts'

export const PROFILES = ['26.2', '26.4', '26.8'] as const
export type Profile = (typeof PROFILES)[number]

/** From the newest on. */
const SIGNS: readonly (readonly [Profile, readonly string[]])[] = [
  ['26.8', ['service.allow_theme_mode']],
  [
    '26.4',
    [
      'security.cookie_secure',
      'api.health_check_probe_path',
      'api.health_check_interval',
      'api.endpoint_selection_policy',
    ],
  ],
]

export function guessProfile(original: Original): { readonly profile: Profile; readonly because: string } {
  for (const [profile, paths] of SIGNS) {
    const found = paths.find((path) => original.has(path))
    if (found !== undefined) return { profile, because: `${found} is known from then on` }
  }
  return { profile: '26.2', because: 'no key of a later release is in the file' }
}
