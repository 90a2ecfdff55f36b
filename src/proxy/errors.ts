// What can go wrong between the gateway and a service behind it. Thrown only before the first byte of an answer;
// after that a broken answer is broken off, never finished.

import { formatByteSize } from '#config'
import { defineErrors } from '#kernel'

interface About {
  /** The upstream's id. */
  readonly upstream: string
}

export const upstreamErrors = defineErrors('upstream', {
  refused: {
    status: 502,
    title: 'The service cannot be reached',
    detail: ({ upstream }: About) => `The service ${upstream} did not accept the connection.`,
    hint: 'Try again in a minute. If it lasts, tell the people who run this service.',
  },
  untrusted: {
    status: 502,
    title: 'The service could not prove who it is',
    detail: ({ upstream }: About) => `The certificate of the service ${upstream} was not accepted.`,
    hint: 'Tell the people who run this service; the log names the reason.',
  },
  reset: {
    status: 502,
    title: 'The service hung up',
    detail: ({ upstream }: About) => `The service ${upstream} closed the connection before it answered.`,
    hint: 'Check whether what you asked for has happened, then try again.',
  },
  badAnswer: {
    status: 502,
    title: 'The service gave no usable answer',
    detail: ({ upstream }: About) => `The answer of the service ${upstream} is not valid HTTP.`,
    hint: 'Tell the people who run this service; the log names the reason.',
  },
  webSocketRefused: {
    status: 502,
    title: 'The service does not open a WebSocket here',
    detail: ({ upstream, status }: About & { readonly status: number }) =>
      `The service ${upstream} answered ${status} where a WebSocket was asked for.`,
    hint: 'Check the address. If it is right, tell the people who run this service.',
  },
  bodyTooLong: {
    status: 413,
    title: 'This is more than the service takes',
    detail: ({ upstream, limit }: About & { readonly limit: number }) =>
      `A request to the service ${upstream} may have a body of at most ${formatByteSize(limit)}.`,
    hint: 'Send less at once. Operators set bodyBytes of the upstream.',
  },
  nowhere: {
    status: 503,
    title: 'The service is not running anywhere',
    detail: ({ upstream }: About) => `At present no place is known where the service ${upstream} runs.`,
    hint: 'Try again in a minute. If it lasts, tell the people who run this service.',
    headers: () => ({ 'retry-after': '10' }),
  },
  busy: {
    status: 503,
    title: 'The service is busy',
    detail: ({ upstream }: About) => `All connections to the service ${upstream} are in use.`,
    hint: 'Try again in a few seconds.',
    headers: () => ({ 'retry-after': '2' }),
  },
  stopping: {
    status: 503,
    title: 'The gateway is restarting',
    detail: () => 'This server is about to stop and opens no new connections.',
    hint: 'Try again in a few seconds.',
    headers: () => ({ 'retry-after': '2' }),
  },
  connectTimeout: {
    status: 504,
    title: 'The service cannot be reached',
    detail: ({ upstream }: About) => `No connection to the service ${upstream} came about in time.`,
    hint: 'Try again in a minute. If it lasts, tell the people who run this service.',
  },
  timeout: {
    status: 504,
    title: 'The service takes too long',
    detail: ({ upstream }: About) => `The service ${upstream} did not begin to answer in time.`,
    hint: 'Check whether what you asked for has happened, then try again.',
  },
})

export const signerErrors = defineErrors('signer', {
  unsuitable: {
    status: 403,
    title: 'What is held for you does not fit this service',
    detail: ({ upstream, credential }: About & { readonly credential: string }) =>
      `The service ${upstream} needs another kind of credential than the one that ${credential} gave for you.`,
    hint: 'Tell the people who run this service: the upstream names a credential that its signer cannot use.',
  },
})

export const webSocketErrors = defineErrors('webSocket', {
  malformed: {
    status: 400,
    title: 'This is not a WebSocket handshake',
    detail: ({ reason }: { readonly reason: string }) =>
      `The request to open a WebSocket was refused because ${reason}.`,
    hint: 'Use a WebSocket client that follows RFC 6455.',
  },
  origin: {
    status: 403,
    title: 'A page of another site opened this WebSocket',
    detail: () => 'WebSockets that carry a session are opened by our own pages only.',
    hint: 'Operators list further origins in webSockets.origins of the upstream.',
  },
  version: {
    status: 426,
    title: 'This version of WebSocket is not supported',
    detail: () => 'Only version 13 of the WebSocket protocol is spoken here.',
    hint: 'Use a WebSocket client that follows RFC 6455.',
    // RFC 6455 §4.4, RFC 9110 §15.5.22
    headers: () => ({ 'sec-websocket-version': '13', upgrade: 'websocket' }),
  },
  tooMany: {
    status: 429,
    title: 'Too many WebSockets are open',
    detail: ({ limit }: { readonly limit: number }) => `No more than ${limit} WebSockets may be open at this service.`,
    hint: 'Close some of the open pages and try again.',
  },
})

/** All codes of this feature, for the reference. */
export const proxyErrors = Object.freeze({
  catalogue: [...upstreamErrors.catalogue, ...signerErrors.catalogue, ...webSocketErrors.catalogue],
})
