// What a handler returns. The edge writes it; nobody else touches the response.

import type { Readable } from 'node:stream'

export type Answer =
  | { readonly kind: 'json'; readonly status: number; readonly body: unknown; readonly headers?: AnswerHeaders }
  | { readonly kind: 'page'; readonly status: number; readonly page: Page; readonly headers?: AnswerHeaders }
  | {
      readonly kind: 'redirect'
      readonly status: 302 | 303
      readonly location: string
      readonly headers?: AnswerHeaders
    }
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: AnswerHeaders }
  | {
      readonly kind: 'bytes'
      readonly status: number
      readonly body: string | Uint8Array | Readable
      readonly contentType: string
      readonly headers?: AnswerHeaders
    }

export type AnswerHeaders = Readonly<Record<string, string>>

/** A page to render: a template's name and what it shows. */
export interface Page {
  readonly template: string
  readonly title: string
  readonly data: Readonly<Record<string, unknown>>
  /** The whole page is in the template; absent: in the frame that all pages share. */
  readonly frame?: 'own'
}

/** 200 with a JSON body, checked against the route's output schema before it is written. */
export const json = (body: unknown, status = 200): Answer => ({ kind: 'json', status, body })

/** A page in the portal's frame. */
export const page = (template: string, title: string, data: Page['data'], status = 200): Answer => ({
  kind: 'page',
  status,
  page: { template, title, data },
})

/** A page that brings its own frame. */
export const ownPage = (template: string, data: Page['data']): Answer => ({
  kind: 'page',
  status: 200,
  page: { template, title: '', data, frame: 'own' },
})

/** 303: go on with a GET. A `location` that starts with `/` is ours, without the base path, which the edge adds. */
export const seeOther = (location: string): Answer => ({ kind: 'redirect', status: 303, location })

export const noContent = (): Answer => ({ kind: 'empty', status: 204 })
