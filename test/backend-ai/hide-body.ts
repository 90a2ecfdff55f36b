// Hides a body as the Web UI does, with the browser's own means (§5.7).

/** @param endpoint scheme and host, without a slash at the end */
export async function hideBody(endpoint: string, text: string, vector = 'ABCDEFGHIJKLMNOP'): Promise<string> {
  const bytes = new TextEncoder()
  const rawKey = bytes.encode((btoa(endpoint) + vector + vector).slice(0, 32))
  const key = await crypto.subtle.importKey('raw', rawKey, 'AES-CBC', false, ['encrypt'])
  const hidden = await crypto.subtle.encrypt({ name: 'AES-CBC', iv: bytes.encode(vector) }, key, bytes.encode(text))
  return `${vector}:${btoa(String.fromCharCode(...new Uint8Array(hidden)))}`
}
