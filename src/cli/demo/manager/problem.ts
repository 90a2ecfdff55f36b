// The Manager's way of saying no: problem+json with a type of its own namespace, whose texts are part of the protocol.

import type { ServerResponse } from 'node:http'
import { sendJson } from '../received.ts'

const kinds = {
  'invalid-api-params': { status: 400, title: 'Missing or invalid API parameters.' },
  'invalid-auth-params': { status: 400, title: 'Missing or invalid authorization parameters.' },
  'auth-failed': { status: 401, title: 'Credential/signature mismatch.' },
  'generic-not-found': { status: 404, title: 'Not Found' },
} as const

export interface Refusal {
  readonly type: keyof typeof kinds
  readonly because: string
  /** The lines that should have been signed, where it came that far. */
  readonly signedString?: string
}

export const statusOf = (refusal: Refusal): number => kinds[refusal.type].status

export const problemOf = ({ type, because, signedString }: Refusal): unknown => ({
  type: `https://api.backend.ai/probs/${type}`,
  title: kinds[type].title,
  msg: because,
  ...(signedString !== undefined && { signedString }),
})

export const sendProblem = (response: ServerResponse, refusal: Refusal): void =>
  sendJson(response, statusOf(refusal), problemOf(refusal), 'application/problem+json')
