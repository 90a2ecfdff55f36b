// What we use of xml-encryption; for why these are not its own declarations see `node-saml.d.ts`.

export interface DecryptOptions {
  /** PEM. */
  readonly key: string
  readonly disallowDecryptionWithInsecureAlgorithm: boolean
}

export function decrypt(
  xml: string,
  options: DecryptOptions,
  done: (error: Error | null, decrypted: string) => void,
): void
