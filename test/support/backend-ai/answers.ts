// Answers in the Manager's own shapes.

import type { ServerResponse } from 'node:http'

/** A Manager's error: `type` is the last part of its URL. */
export interface ManagerProblem {
  readonly status: number
  readonly type: string
  readonly title: string
  readonly msg?: string
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  send(response, status, 'application/json; charset=utf-8', JSON.stringify(body))
}

export function sendProblem(response: ServerResponse, problem: ManagerProblem): void {
  send(response, problem.status, problemType, JSON.stringify(toProblemBody(problem)))
}

export const problemType = 'application/problem+json; charset=utf-8'

export const toProblemBody = ({ type, title, msg }: ManagerProblem) => ({
  type: `https://api.backend.ai/probs/${type}`,
  title,
  ...(msg !== undefined && { msg }),
})

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
  response.end(body)
}

/** The body is not what the route takes. */
export const badParameters = (msg: string): ManagerProblem => ({
  status: 400,
  type: 'invalid-api-params',
  title: 'Missing or invalid API parameters.',
  msg,
})

export const credentialMismatch = (msg = 'User credential mismatch.'): ManagerProblem => ({
  status: 401,
  type: 'auth-failed',
  title: 'Credential/signature mismatch.',
  msg,
})

/** How a plugin of the Manager refuses. */
export const rejectedByPlugin = (msg: string): ManagerProblem => ({
  status: 400,
  type: 'rejected-by-hook',
  title: 'Operation rejected by a hook plugin.',
  msg,
})

export const notFound = (msg?: string): ManagerProblem => ({
  status: 404,
  type: 'generic-not-found',
  title: 'Not Found',
  ...(msg !== undefined && { msg }),
})

export const internalError = (msg: string): ManagerProblem => ({
  status: 500,
  type: 'internal-server-error',
  title: 'Internal server error.',
  msg,
})
