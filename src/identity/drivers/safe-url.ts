// Which addresses may be sent passwords and tokens.

/** https, or http that does not leave the machine. */
export function isSafeUrl(text: string): boolean {
  const url = new URL(text)
  if (url.protocol === 'https:') return true
  const { hostname } = url
  const isLoopback =
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(\.\d{1,3}){3}$/.test(hostname)
  return url.protocol === 'http:' && isLoopback
}
