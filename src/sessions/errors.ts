// What sessions refuse with.

import { defineErrors } from '#kernel'

export const sessionErrors = defineErrors('session', {
  expired: {
    status: 401,
    title: 'Your session has ended',
    detail: () => 'You were logged in, but the session is over or was ended elsewhere.',
    hint: 'Log in again.',
  },
  ticketRefused: {
    status: 403,
    title: 'This way in is closed',
    detail: () =>
      'It was used already, took longer than half a minute, or was opened in another browser than it was made for.',
    hint: 'Open the service again from its own address. If that does not help, allow cookies for it.',
  },
  unknown: {
    status: 404,
    title: 'No such session',
    detail: () => 'You have no session with this reference; it may have ended already.',
    hint: 'Look at the list of your sessions again.',
  },
  nameTaken: {
    status: 409,
    title: 'The session could not begin',
    detail: () => 'The name that it was given belongs to another session, or did.',
    hint: 'Log in again. If it happens again, tell the people who run this service the error id.',
  },
  contended: {
    status: 503,
    title: 'Your session is being changed elsewhere',
    detail: () => 'Too many changes of the same session came at once, and this one found no turn.',
    hint: 'Try again in a moment.',
    headers: () => ({ 'Retry-After': '1' }),
  },
})
