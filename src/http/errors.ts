import { formatDuration, type Rate } from '#config'
import { defineErrors } from '#kernel'

interface Reason {
  readonly reason: string
}

interface WrongMethod {
  readonly method: string
  readonly allow: string
}

interface Spent {
  readonly subject: 'address' | 'user'
  /** Of the limit. */
  readonly name: string
  readonly rate: Rate
  readonly waitMs: number
}

const toSeconds = (ms: number): number => Math.ceil(ms / 1000)

export const httpErrors = defineErrors('http', {
  ambiguousTarget: {
    status: 400,
    title: 'This address cannot be used',
    detail: ({ reason }: Reason) => `The address could be read in two ways: ${reason}.`,
    hint: 'Check the address. If a program made it, percent-encode each part once and leave out "." and "..".',
  },
  malformedRequest: {
    status: 400,
    title: 'The request is malformed',
    detail: ({ reason }: Reason) => `The request was refused because ${reason}.`,
    hint: 'Check the program that sent it, and any proxy in between.',
  },
  invalidInput: {
    status: 400,
    title: 'The request holds something unexpected',
    detail: ({ reason }: Reason) => reason,
    hint: 'Correct the named fields and send the request again.',
  },
  notFound: {
    status: 404,
    title: 'There is nothing here',
    detail: () => 'No page and no service answers at this address.',
    hint: 'Check the address, or start again from the home page.',
  },
  methodNotAllowed: {
    status: 405,
    title: 'This method is not allowed here',
    detail: ({ method }: WrongMethod) => `${method} cannot be used here.`,
    hint: 'Use one of the methods in the Allow header.',
    headers: ({ allow }: WrongMethod) => ({ allow }),
  },
  bodyTimeout: {
    status: 408,
    title: 'The request took too long',
    detail: () => 'The body of the request did not arrive in time.',
    hint: 'Send it again over a faster connection.',
  },
  bodyTooLarge: {
    status: 413,
    title: 'The request is too large',
    detail: ({ limitBytes }: { readonly limitBytes: number }) => `The body is larger than ${limitBytes} bytes.`,
    hint: 'Send less at once.',
  },
  unsupportedMediaType: {
    status: 415,
    title: 'This kind of body is not understood here',
    detail: () => 'The Content-Type of the request is not one that this address takes.',
    hint: 'Send JSON with Content-Type application/json, or a form from one of our pages.',
  },
  expectationFailed: {
    status: 417,
    title: 'The expectation cannot be met',
    detail: () => 'The only value of Expect that is understood is 100-continue.',
    hint: 'Leave the header out.',
  },
  unknownHost: {
    status: 421,
    title: 'This is not the host you asked for',
    detail: ({ publicOrigin }: { readonly publicOrigin: string }) => `This server answers as ${publicOrigin} only.`,
    hint: 'Open it under that address; operators set it as server.url, and names of their own for services as server.hosts. A proxy in front must pass the Host header on.',
  },
  upgradeRequired: {
    status: 426,
    title: 'A WebSocket is expected here',
    detail: () => 'This upgrade is not a WebSocket handshake of version 13.',
    hint: 'Use a WebSocket client.',
    headers: () => ({ upgrade: 'websocket', 'sec-websocket-version': '13' }),
  },
  tooManyRequests: {
    status: 429,
    title: 'Too many requests',
    detail: ({ subject, rate, waitMs }: Spent) =>
      `More than ${rate.limit} requests in ${formatDuration(rate.windowMs)} came from ${subject === 'user' ? 'you' : 'your address'}. The next one is answered in ${toSeconds(waitMs)} s.`,
    hint: 'Wait so long and try again. Programs: go by Retry-After, and ask less often.',
    // draft-ietf-httpapi-ratelimit-headers-11
    headers: ({ name, rate, waitMs }: Spent) => ({
      'retry-after': String(toSeconds(waitMs)),
      ratelimit: `"${name}";r=0;t=${toSeconds(waitMs)}`,
      'ratelimit-policy': `"${name}";q=${rate.limit};w=${toSeconds(rate.windowMs)}`,
    }),
  },
  tooManyHeaders: {
    status: 431,
    title: 'The request has too many headers',
    detail: ({ limit }: { readonly limit: number }) => `More than ${limit} header lines were sent.`,
    hint: 'Clear the cookies of this site, or send fewer headers.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    detail: () => 'The request could not be completed because of an unexpected error.',
    hint: 'Try again. If it happens again, tell the people who run this service the error id.',
  },
  unsupportedVersion: {
    status: 505,
    title: 'This version of HTTP is not supported',
    detail: () => 'Requests must use HTTP/1.1.',
    hint: 'Use HTTP/1.1.',
  },
  draining: {
    status: 503,
    title: 'The service is restarting',
    detail: () => 'This server is about to stop and takes no new work.',
    hint: 'Try again in a few seconds.',
    headers: () => ({ 'retry-after': '2' }),
  },
})

export const crossSiteErrors = defineErrors('crossSite', {
  refused: {
    status: 403,
    title: 'The request came from another site',
    detail: ({ reason }: Reason) => `The request was refused because ${reason}.`,
    hint: 'Go to the page on this site and try from there. Programs: send an Origin header with the address of this service.',
  },
  preflightRefused: {
    status: 403,
    title: 'Requests from this origin are not allowed',
    detail: () => 'The origin is not among those that may call this service from a browser.',
    hint: 'Operators list allowed origins in server.cors.origins.',
  },
})
