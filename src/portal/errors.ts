// What can go wrong in the portal's own API.

import { defineErrors } from '#kernel'

export const portalErrors = defineErrors('portal', {
  sessionNeeded: {
    status: 401,
    title: 'Not logged in',
    detail: () => 'This belongs to a session in a browser, and the request has none.',
    hint: 'Log in and try again.',
  },
})
