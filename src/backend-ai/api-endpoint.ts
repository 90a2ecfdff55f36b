// Where the Web UI is told to find us (`apiEndpoint`), which is also what the key of an encoded body is made of (§5.7).

import type { PublicUrl } from '#http'

/**
 * Never from a request: whatever Host it names, no other than ours is told. Read at each use, because without
 * `server.url` the address is known only once the gateway listens.
 *
 * @param protocol how people reach us, where the configured address does not say it
 */
export const createApiEndpoint =
  (publicUrl: Pick<PublicUrl, 'href'>, protocol: 'http' | 'https' | undefined): (() => string) =>
  () =>
    protocol === undefined ? publicUrl.href : publicUrl.href.replace(/^https?(?=:)/, protocol)
