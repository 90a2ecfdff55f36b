// The only way in which identity providers are called: a fixed time for the whole exchange, a limit on what is read, and
// no redirect is followed, because the request may carry a password or a token.

export interface FetchLimits {
  /** For everything, from the connection to the last byte. */
  readonly timeoutMs: number
  readonly maxBytes: number
}

export interface FetchRequest {
  readonly method: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: RequestInit['body'] | undefined
  /** Ends the exchange earlier. */
  readonly signal?: AbortSignal | undefined
}

export type LimitedFetch = (url: string, request: FetchRequest) => Promise<Response>

/**
 * The answer arrives read to its end; a redirect is an answer like any other.
 * @throws when nothing came in time, or too much.
 */
export const createLimitedFetch =
  ({ timeoutMs, maxBytes }: FetchLimits): LimitedFetch =>
  async (url, { signal, body = null, ...request }) => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const response = await fetch(url, {
      ...request,
      body,
      redirect: 'manual',
      signal: signal === undefined ? timeout : AbortSignal.any([timeout, signal]),
    })
    const bytes = await readAtMost(response, maxBytes)
    const { status, statusText } = response
    return new Response(mayHaveBody(status) ? bytes : null, { status, statusText, headers: response.headers })
  }

async function readAtMost(response: Response, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength
    // Leaving the loop cancels the body, which closes the connection.
    if (size > maxBytes) throw new Error(`the answer is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

const mayHaveBody = (status: number): boolean => ![101, 103, 204, 205, 304].includes(status)
