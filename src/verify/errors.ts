// What a proxy in front is told, and through it the person, when an answer is not "yes". Only 401 and 403: nginx takes
// anything else for a fault of ours.

import { defineErrors } from '#kernel'

interface Login {
  /** Where to log in, for a proxy that sends people there itself. */
  readonly location?: string | undefined
}

export const verifyErrors = defineErrors('verify', {
  loginRequired: {
    status: 401,
    title: 'Log in first',
    detail: () => 'This is not public, and the request came without a session.',
    hint: 'Log in, then try again.',
    // RFC 9110 §15.5.2. nginx cannot pass a redirect on, but it can make one of a header of this answer.
    headers: ({ location }: Login) => ({
      'WWW-Authenticate': 'Cookie realm="gatehouse"',
      ...(location !== undefined && { Location: location }),
    }),
  },
  untrustedProxy: {
    status: 403,
    title: 'Only proxies in front may ask this',
    detail: () => 'The question came from an address that is not among the trusted proxies.',
    hint: 'Operators: add the address of the proxy to server.trustedProxies. Everybody else: open the service itself.',
  },
  incompleteQuestion: {
    status: 403,
    title: 'The proxy did not say what it asks about',
    detail: ({ lacking }: { readonly lacking: string }) => `The question lacks ${lacking}, or it has no usable value.`,
    hint: 'Operators: see the page about front proxies for the lines that the configuration of the proxy needs.',
  },
  unknownQuestion: {
    status: 403,
    title: 'The proxy asks something unknown',
    detail: ({ reason }: { readonly reason: string }) => reason,
    hint: 'Operators: correct the address that the proxy asks; the page about front proxies says what it may hold.',
  },
  ambiguousTarget: {
    status: 403,
    title: 'This address cannot be used',
    detail: ({ reason }: { readonly reason: string }) => `The address could be read in two ways: ${reason}.`,
    hint: 'Check the address. If a program made it, percent-encode each part once and leave out "." and "..".',
  },
  noService: {
    status: 403,
    title: 'Nobody may have this',
    detail: ({ host }: { readonly host: string }) => `Nothing is said about who may have this address at ${host}.`,
    hint: 'Operators: add a service that covers it under verify.services, or name groups in what the proxy asks.',
  },
})
