/**
 * Whether a token is spelled in the one way that its bytes have (RFC 7515 §2, RFC 4648 §3.5). Decoders skip strange
 * characters and spare bits, so that a token could be altered and stay good: then it would be another one to whoever
 * compares tokens as text.
 */
export const isCompactForm = (token: string): boolean =>
  token.split('.').every((part) => Buffer.from(part, 'base64url').toString('base64url') === part)
