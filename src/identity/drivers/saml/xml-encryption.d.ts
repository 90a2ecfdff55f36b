// What we use of xml-encryption; for why these are not its own declarations see `node-saml.d.ts`.

export interface DecryptOptions {
  /** PEM. */
  readonly key: string
  readonly disallowDecryptionWithInsecureAlgorithm: boolean
}

declare const library: {
  decrypt(xml: string, options: DecryptOptions, done: (error: Error | null, decrypted: string) => void): void
}
// oxlint-disable-next-line import/no-default-export -- a CommonJS module has no other export that a bundle keeps
export default library
