// Whether an answer is JSON: by what it calls itself, and by whether it can be read.

import type { Reply } from './ask.ts'

export const isJson = ({ headers, body }: Pick<Reply, 'headers' | 'body'>): boolean =>
  /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i.test(headers['content-type'] ?? '') && parseJson(body) !== undefined

/** @returns undefined if it cannot be read */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
