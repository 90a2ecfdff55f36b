// What is refused at the addresses of hubs, beside what signers and the proxy refuse.

import { defineErrors } from '#kernel'

export const hubErrors = defineErrors('hubs', {
  unreadableBatch: {
    status: 400,
    title: 'This is no Git LFS request',
    detail: ({ reason }: { readonly reason: string }) => `The batch request cannot be used: ${reason}.`,
    hint: 'Send JSON as the Git LFS batch API describes it, without Content-Encoding.',
  },
  noPersonalTokens: {
    status: 410,
    title: 'Personal access tokens are not taken here',
    detail: () => 'The access to the hub comes with the login, is kept on the server, and is renewed by itself.',
    hint: 'Log in at the hub; nothing else is needed. Delete the token at GitLab if it was made for this.',
  },
  unknownHub: {
    status: 422,
    title: 'There is no such hub',
    detail: ({ known }: { readonly known: readonly string[] }) =>
      `The parameter datahub must be one of ${known.join(', ')}, once.`,
    hint: 'Choose one of them.',
  },
  badLfsAnswer: {
    status: 502,
    title: 'The hub gave no usable answer',
    detail: ({ label, status }: { readonly label: string; readonly status: number }) =>
      `${label} answered ${status} to a Git LFS request, with something else than the API describes.`,
    hint: 'Check the name of the repository. If it is right, tell the people who run this service.',
  },
})
