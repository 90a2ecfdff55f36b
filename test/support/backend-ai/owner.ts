// Whose a request is, as the Manager sees it.

import type { AccountBook, Person } from './accounts.ts'
import type { ReceivedRequest } from './received-request.ts'
import { decisiveProof } from './verification.ts'

/** @returns undefined if nothing proves it */
export function accessKeyOf({ verification }: ReceivedRequest): string | undefined {
  const proof = decisiveProof(verification)
  return proof.isValid ? proof.accessKey : undefined
}

export const ownerOf = (accounts: AccountBook, request: ReceivedRequest): Person | undefined =>
  accounts.find(({ accessKey }) => accessKey === accessKeyOf(request))
