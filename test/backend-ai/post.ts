// What is posted under /server/, as the Web UI does it.

import type { Answer } from '../support/backend-ai/index.ts'
import type { LabClient, LabRequest } from './lab-client.ts'

/** @param body an object as JSON, a text as it is */
export const post = (
  client: LabClient,
  path: string,
  body: object | string = {},
  headers: LabRequest['headers'] = {},
): Promise<Answer> =>
  client.ask(`/server/${path}`, {
    method: 'POST',
    body: typeof body === 'string' ? body : JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })

export const problem = (answer: Answer) => {
  const { type, title } = answer.json()
  return { status: answer.status, type: String(type).replace('https://api.backend.ai/probs/', ''), title }
}

/** The cookie of that name as it was set, with its attributes in small letters. */
export function cookieSet(answer: Answer, name = 'AIOHTTP_SESSION'): readonly string[] | undefined {
  const line = (answer.headers['set-cookie'] ?? []).find((each) => each.startsWith(`${name}=`))
  const [pair = '', ...attributes] = line?.split('; ') ?? []
  return line === undefined ? undefined : [pair.slice(name.length + 1), ...attributes.map((each) => each.toLowerCase())]
}
