// How long browsers may keep a file of the Web UI (§1.9): its names carry no hashes that could be relied on.

/** The first that matches counts; letter case matters. */
const RULES: readonly (readonly [name: RegExp, control: string])[] = [
  [/\.(manifest|appcache|html?|xml|json|ini|toml)$/, 'no-store'],
  [/backend.ai-webui.js$/, 'no-store'],
  [/\.(jpg|jpeg|gif|png|ico|cur|gz|svg|svgz|mp4|ogg|ogv|webm|htc|woff|woff2)$/, 'max-age=259200, public'],
  [/\.(css|js)$/, 'max-age=86400, public, must-revalidate, proxy-revalidate'],
  [/\.(py|log?|txt)$/, 'no-store'],
]

/** @returns undefined for no such header */
export const cacheControlOf = (name: string): string | undefined => RULES.find(([pattern]) => pattern.test(name))?.[1]
