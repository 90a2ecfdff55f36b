// What is refused under /func/ and /pipeline/ before anything is forwarded. `problems.ts` has the words in which it leaves.

import { defineErrors } from '#kernel'

export const funcErrors = defineErrors('backendAi', {
  ambiguousPath: {
    status: 400,
    title: 'This address cannot be used',
    detail: () => 'Some servers would read it as an address that is for others than this one is.',
    hint: 'Write each slash once, and not as %2F.',
  },
  noWebSocket: {
    status: 400,
    title: 'No WebSocket is opened here',
    detail: () => 'This address takes plain requests only.',
    hint: 'Send the request without Upgrade.',
  },
  unauthorized: {
    status: 401,
    title: 'Unauthorized access',
    detail: () => 'This is for people who are logged in, and the request came without a session.',
    hint: 'Log in, then try again.',
  },
  signupClosed: {
    status: 403,
    title: 'Nobody can sign up here',
    detail: () => 'Accounts are made by the people who run this service.',
    hint: 'Ask them for one. Operators who want people to sign up set backendAi.login.signup.',
  },
  uncounted: {
    status: 403,
    title: 'Passwords are not checked here',
    detail: () => 'Wrong ones have to be counted, and are so under /server/ only.',
    hint: 'Use /server/login, or /server/update-password-no-auth.',
  },
  notPreflight: {
    status: 403,
    title: 'OPTIONS asks nothing here',
    detail: ({ header }: { readonly header: string }) => `It came without ${header}, so no browser sent it for a page.`,
    hint: 'Use the method that you mean.',
  },
  webSocketOnly: {
    status: 426,
    title: 'A WebSocket is expected here',
    detail: () => 'This address is opened as a WebSocket, and the request asked for none.',
    hint: 'Use a WebSocket client. A proxy in front must pass Upgrade and Connection on.',
    // RFC 9110 §15.5.22
    headers: () => ({ upgrade: 'websocket' }),
  },
})
