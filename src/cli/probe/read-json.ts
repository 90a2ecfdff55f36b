// JSON in an answer: what calls itself so, and can be read.

import { isJsonType } from '#http'
import { parseJson } from '#kernel'
import type { Reply } from './ask.ts'

/** @returns undefined if there is none */
export const readJson = ({ headers, body }: Pick<Reply, 'headers' | 'body'>): unknown =>
  isJsonType(headers['content-type']) ? parseJson(body) : undefined
