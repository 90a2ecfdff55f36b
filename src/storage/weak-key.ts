// Says why 32 bytes do not look random: placeholders, passwords, keyboard runs. Random keys pass (the thresholds are
// far below what 300,000 random keys showed); a key that passes is still only as good as where it came from.

/** @param text the key as it stands in the file (base64url). @returns the reason for a refusal, or undefined. */
export function whyWeakKey(secret: Uint8Array, text: string): string | undefined {
  if (new Set(secret).size === 1) return 'all its bytes are the same'
  // A repeated half counts here too: it has at most 16 different bytes.
  if (new Set(secret).size < 18 || new Set(text).size < 17) return 'it has too few different characters'
  if (secret.every(isPrintable)) return 'it is readable text, not random bytes'
  if (countSteps(secret) >= 14 || countSteps(Buffer.from(text)) >= 18) return 'it counts up or down'
  if (!/[a-z]/.test(text) || !/[A-Z]/.test(text)) return 'it uses one kind of letters only'
  return /changeme|password|secretkey|example|gatehouse|insecure|replaceme/i.test(text) ? 'it is an example' : undefined
}

const isPrintable = (byte: number): boolean => byte >= 0x20 && byte < 0x7f

const countSteps = (bytes: Uint8Array): number =>
  bytes.reduce((count, byte, at) => (at > 0 && Math.abs(byte - (bytes[at - 1] ?? 0)) <= 1 ? count + 1 : count), 0)
