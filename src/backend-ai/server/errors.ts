// What can go wrong with what the Web UI sends to log in and out. The titles are the webserver's own words, which pages and
// programs compare; `problems.ts` has their types.

import { defineErrors } from '#kernel'

const missing = (field: string) =>
  ({
    status: 400,
    title: `You must provide the ${field} field.`,
    detail: () => `The field ${field} is missing or empty, or is not text.`,
    hint: 'Send a JSON object with this field as text.',
  }) as const

interface Reason {
  readonly reason: string
}

export const webserverErrors = defineErrors('webserver', {
  invalidParameters: {
    status: 400,
    title: 'Invalid or Missing API Parameters.',
    detail: ({ reason }: Reason) => reason,
    hint: 'Correct or leave out what is named, and send the request again.',
  },
  bodyTooLong: {
    status: 413,
    title: 'Request Entity Too Large',
    detail: ({ limit, size }: { readonly limit: number; readonly size: number }) =>
      `Maximum request body size ${limit} exceeded, actual body size ${size}`,
    hint: 'Send less at once.',
  },
  alreadyLoggedIn: {
    status: 400,
    title: 'You have already logged in.',
    detail: () => 'This session belongs to somebody who is logged in.',
    hint: 'Log out first.',
  },
  usernameMissing: missing('username'),
  passwordMissing: missing('password'),
  currentPasswordMissing: missing('current_password'),
  newPasswordMissing: missing('new_password'),
  tokenMissing: {
    status: 400,
    title: 'You must provide cookie-based authentication token',
    detail: () => 'Neither the body nor a cookie holds the token of a single sign-on.',
    hint: 'Begin the single sign-on again.',
  },
  usernameUnusable: {
    status: 400,
    title: 'The username is not one that can be used.',
    detail: ({ reason }: Reason) => reason,
    hint: 'Type the e-mail address that you signed up with.',
  },
  managerUnusable: {
    status: 502,
    title: 'The proxy target server is inaccessible.',
    detail: () => 'The Manager gave no answer that could be understood.',
    hint: 'Try again in a minute. If it lasts, tell the people who run this service.',
  },
})
