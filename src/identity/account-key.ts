// What counts as one account when failed logins are counted. Coarser than any provider's idea of a name: another spelling
// of a name must not bring another budget, and two people who share one lose little.

import { hash } from 'node:crypto'

/** Characters that are not seen. */
const INVISIBLE = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Control}]/gu

/** @returns a digest: people type passwords into the wrong field, and nobody needs to read it. */
export function accountKey(provider: string, typed: string): string {
  const name = typed.slice(0, 1024).normalize('NFKC').toLowerCase().normalize('NFKC').replace(INVISIBLE, '')
  // A name and the e-mail address that begins with it may be the same person's.
  const [local] = name.split('@')
  return hash('sha256', JSON.stringify([provider, local]), 'base64url').slice(0, 22)
}
