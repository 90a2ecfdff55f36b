// How long browsers and caches may keep a file of a site.

import type { SiteConfig } from './config.ts'

const IMMUTABLE = 'public, max-age=31536000, immutable'
const ASK_EACH_TIME = 'no-cache'
const SHORT = 'public, max-age=300, must-revalidate'

/**
 * A site that is not public stays out of shared caches and is asked for anew each time, so that what a browser kept
 * from before a logout is not shown after it.
 */
export function createCacheControl({ allow, cache }: Pick<SiteConfig, 'allow' | 'cache'>): (name: string) => string {
  const isPublic = allow.includes('public')
  return (name) => {
    const rule = cache.find(
      ({ extensions, files }) =>
        (extensions?.some((extension) => name.endsWith(extension)) ?? true) && (files?.includes(name) ?? true),
    )
    if (rule !== undefined) return rule.control
    if (!isPublic) return `private, ${ASK_EACH_TIME}`
    if (/\.html?$/i.test(name)) return ASK_EACH_TIME
    return isHashed(name) ? IMMUTABLE : SHORT
  }
}

/**
 * Whether a build tool put a hash of the content into the name: `index-BxK3a_9d.js`, `main.3f2a91bc.css`.
 * When in doubt it is none: asking too often costs little, a stale file that is kept for a year costs a release.
 */
export function isHashed(name: string): boolean {
  const [, hash = ''] = /[-.]([A-Za-z0-9_-]{8}|[a-f0-9]{8,64})\.[A-Za-z0-9]+(?:\.map)?$/.exec(name) ?? []
  if (/^[a-f0-9]+$/.test(hash)) return /\d/.test(hash) && /[a-f]/.test(hash)
  return /\d/.test(hash) && /[A-Z]/.test(hash)
}
