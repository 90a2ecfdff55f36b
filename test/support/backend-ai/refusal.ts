// Why the Manager does not let a request in, if it does not.

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

const knownVersions: ReadonlySet<string> = new Set([
  'v4.20181215',
  'v4.20190115',
  'v4.20190315',
  'v4.20190615',
  'v5.20191215',
  'v6.20200815',
  'v6.20210815',
  'v6.20220315',
  'v6.20220615',
  'v6.20230315',
  'v7.20230615',
  'v8.20240315',
  'v8.20240915',
  'v9.20250722',
])
