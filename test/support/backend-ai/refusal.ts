// Why the Manager does not let a request in, if it does not.

import { knownVersions } from '../../../src/cli/demo/manager/verify.ts'
import { badParameters, credentialMismatch, type ManagerProblem } from './answers.ts'
import type { ReceivedRequest } from './received-request.ts'
import type { Access } from './route.ts'
import { decisiveProof } from './verification.ts'

export function refusalOf(request: ReceivedRequest, access: Access): ManagerProblem | undefined {
  const unknown = request.all('x-backendai-version').find((version) => !knownVersions.has(version))
  if (unknown !== undefined) return badParameters(`There is no version ${unknown} of this API.`)
  if (access === 'anyone') return undefined
  const proof = decisiveProof(request.verification)
  if (proof.isValid) return undefined
  return proof.type === 'auth-failed'
    ? credentialMismatch(proof.because)
    : { status: 400, type: proof.type, title: 'Missing or invalid authorization parameters.', msg: proof.because }
}
