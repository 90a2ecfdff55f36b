// The one spelling of a local account's name: what people type differently is the same account.

const NAME = /^[a-z0-9][a-z0-9._-]{0,63}$/

/** @returns the name as it is kept, or undefined if no account can have it. */
export function toAccountName(typed: string): string | undefined {
  const name = typed.slice(0, 256).normalize('NFKC').trim().toLowerCase()
  return NAME.test(name) ? name : undefined
}
