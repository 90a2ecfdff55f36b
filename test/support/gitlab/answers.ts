// How a stand-in for GitLab answers, in GitLab's words.

import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import type { StoredContent } from './projects.ts'

export interface GitLabAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON, unless it is text or bytes. */
  readonly body?: unknown
}

export const notFound = (what: string): GitLabAnswer => ({ status: 404, body: { message: `404 ${what} Not Found` } })

/** REST API, "Authentication": what a token that is not taken is told. */
export function unauthorized(refused: 'expired' | 'revoked' | 'unknown' | undefined): GitLabAnswer {
  if (refused === undefined || refused === 'unknown') return { status: 401, body: { message: '401 Unauthorized' } }
  const description =
    refused === 'expired'
      ? 'Token is expired. You can either do re-authorization or token refresh.'
      : 'Token was revoked. You have to re-authorize from the user.'
  return {
    status: 401,
    headers: {
      'www-authenticate': `Bearer realm="Protected by OAuth 2.0", error="invalid_token", error_description="${description}"`,
    },
    body: { error: 'invalid_token', error_description: description },
  }
}

/** REST API, "Pagination": by offset. Beyond 10,000 results the totals are left out. */
export function paginate<Item>(
  items: readonly Item[],
  { url, path, query, isHuge }: { url: string; path: string; query: URLSearchParams; isHuge: boolean },
): { readonly page: readonly Item[]; readonly headers: Record<string, string> } {
  const perPage = Math.min(Number(query.get('per_page') ?? 20), 100)
  const page = Number(query.get('page') ?? 1)
  const pages = Math.max(Math.ceil(items.length / perPage), 1)
  const linkTo = (number: number, rel: string): string => {
    const target = new URLSearchParams(query)
    target.set('page', String(number))
    target.set('per_page', String(perPage))
    return `<${url}${path}?${target.toString()}>; rel="${rel}"`
  }
  const links = [
    ...(page > 1 ? [linkTo(page - 1, 'prev')] : []),
    ...(page < pages ? [linkTo(page + 1, 'next')] : []),
    linkTo(1, 'first'),
    ...(isHuge ? [] : [linkTo(pages, 'last')]),
  ]
  return {
    page: items.slice((page - 1) * perPage, page * perPage),
    headers: {
      link: links.join(', '),
      'x-next-page': page < pages ? String(page + 1) : '',
      'x-page': String(page),
      'x-per-page': String(perPage),
      'x-prev-page': page > 1 ? String(page - 1) : '',
      ...(!isHuge && { 'x-total': String(items.length), 'x-total-pages': String(pages) }),
    },
  }
}

/** Takes a body of any size as it comes. */
export async function store(request: IncomingMessage): Promise<StoredContent> {
  const digest = createHash('sha256')
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    digest.update(chunk)
    size += chunk.length
  }
  return { sha256: digest.digest('hex'), size }
}
