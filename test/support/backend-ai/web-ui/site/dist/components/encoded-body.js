// Bodies that are hidden from whoever reads along on plain HTTP. It hides them from nobody who knows how: the key is made of
// the endpoint's public address.

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

const newVector = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => alphabet[byte % 62]).join('')

/** @param endpoint scheme and host, without a slash at the end */
export async function encodeBody(endpoint, text, vector = newVector()) {
  const bytes = new TextEncoder()
  const rawKey = bytes.encode((btoa(endpoint) + vector + vector).slice(0, 32))
  const key = await crypto.subtle.importKey('raw', rawKey, 'AES-CBC', false, ['encrypt'])
  const hidden = await crypto.subtle.encrypt({ name: 'AES-CBC', iv: bytes.encode(vector) }, key, bytes.encode(text))
  return `${vector}:${btoa(String.fromCharCode(...new Uint8Array(hidden)))}`
}
