// What can go wrong when people log in, and with the credentials that a login brought. Whether it was the name or the
// password that did not fit is never told.

import { defineErrors } from '#kernel'

interface Wait {
  readonly waitMs: number
}

const retryAfter = ({ waitMs }: Wait): string => String(Math.ceil(waitMs / 1000))

const inWords = ({ waitMs }: Wait): string => {
  const minutes = Math.ceil(waitMs / 60_000)
  return minutes === 1 ? 'a minute' : `${minutes} minutes`
}

interface Named {
  /** The provider's label. */
  readonly label: string
}

interface Away extends Named {
  /** What the provider itself asked for. */
  readonly waitMs?: number | undefined
}

export const loginErrors = defineErrors('login', {
  unknownProvider: {
    status: 404,
    title: 'There is no such login',
    detail: () => 'No login provider of this name is set up here.',
    hint: 'Open the login page and choose one of those shown.',
  },
  attemptUnknown: {
    status: 401,
    title: 'This login can no longer be completed',
    detail: () => 'It was begun in another browser, has been used already, or took longer than ten minutes.',
    hint: 'Log in again from this browser. If it happens each time, allow cookies for this site.',
  },
  awaitsApproval: {
    status: 403,
    title: 'Your account is waiting for approval',
    detail: () => 'You proved who you are, but nobody has approved your account here yet.',
    hint: 'Wait until an administrator has decided, then log in again.',
  },
  cancelled: {
    status: 401,
    title: 'You are not logged in',
    detail: ({ label }: Named) => `${label} ended the login without telling us who you are.`,
    hint: 'Log in again, or choose another way to log in.',
  },
  notProven: {
    status: 401,
    title: 'The login could not be verified',
    detail: ({ label }: Named) => `The answer of ${label} did not pass our checks, so nobody was logged in.`,
    hint: 'Try again. If it happens again, tell the people who run this service the error id.',
  },
  providerUnavailable: {
    status: 503,
    title: 'This login does not answer',
    detail: ({ label }: Away) => `${label} could not be reached, or did not answer as it should.`,
    hint: 'Try again in a minute, or choose another way to log in.',
    headers: ({ waitMs = 30_000 }: Away) => ({ 'retry-after': retryAfter({ waitMs }) }),
  },
  notFresh: {
    status: 401,
    title: 'This was no login of just now',
    detail: ({ label }: Named) =>
      `You have to show once more who you are, but ${label} did not ask you, or does not say when it did.`,
    hint: 'Log out there, then log in again here. If that does not help, tell the people who run this service.',
  },
  cannotBeFresh: {
    status: 409,
    title: 'This login cannot be repeated',
    detail: ({ label }: Named) => `${label} cannot show that you are the one who is there now.`,
    hint: 'Choose another way to log in, or tell the people who run this service.',
  },
  notLinked: {
    status: 403,
    title: 'Your account is not linked',
    detail: ({ label }: Named) => `${label} knows you, but none of the accounts here is linked with you there.`,
    hint: 'Link it in the user office of your facility, then log in again.',
  },
  tooManyFailures: {
    status: 429,
    title: 'Too many failed login attempts',
    detail: (wait: Wait) => `Too many wrong passwords were typed. The next try is possible in ${inWords(wait)}.`,
    hint: 'Wait so long. A browser in which you have logged in before is not affected by what others try.',
    headers: (wait: Wait) => ({ 'retry-after': retryAfter(wait) }),
  },
  tooManyPending: {
    status: 429,
    title: 'Too many logins were begun',
    detail: (wait: Wait) =>
      `Too many logins were begun from your address and not completed. The next is possible in ${inWords(wait)}.`,
    hint: 'Complete one that you have begun, or wait so long.',
    headers: (wait: Wait) => ({ 'retry-after': retryAfter(wait) }),
  },
  busy: {
    status: 503,
    title: 'Too many people are logging in',
    detail: () => 'More logins are waiting than can be checked in good time.',
    hint: 'Try again in a few seconds.',
    headers: () => ({ 'retry-after': '5' }),
  },
  sessionRequired: {
    status: 401,
    title: 'You are not logged in',
    detail: () => 'Only a logged-in person can connect another account.',
    hint: 'Log in first.',
  },
  cannotConnect: {
    status: 409,
    title: 'This account cannot be connected',
    detail: ({ reason }: { readonly reason: string }) => reason,
    hint: 'Log out and log in again if you want to be somebody else.',
  },
  refreshRefused: {
    status: 401,
    title: 'The login has ended',
    detail: ({ label }: Named) => `${label} no longer vouches for you.`,
    hint: 'Log in again.',
  },
})

export const logoutErrors = defineErrors('logout', {
  tokenRefused: {
    status: 400,
    title: 'The logout was not accepted',
    detail: ({ reason }: { readonly reason: string }) => `The logout token did not pass our checks: ${reason}.`,
    hint: 'Look at the client of this gateway in the settings of the provider.',
  },
  notSupported: {
    status: 400,
    title: 'This login takes no such logout',
    detail: () => 'The login provider of this name cannot announce logouts.',
    hint: 'Register the address of an OpenID provider of the configuration.',
  },
  unverified: {
    status: 400,
    title: 'You are logged out here',
    detail: () =>
      'But the way back from your login provider was not the one that we sent you, so we cannot say whether it has ended your login there.',
    hint: 'If others use this browser, open the provider’s own page and log out there.',
  },
})

export const credentialErrors = defineErrors('credential', {
  missing: {
    status: 403,
    title: 'An account must be connected first',
    detail: ({ label }: Named) =>
      `The service behind this address needs your account at ${label}, which is not connected.`,
    hint: 'Connect it on your account page, then try again.',
  },
  expired: {
    status: 401,
    title: 'What was held for you has ended',
    detail: ({ label }: Named) => `The access that ${label} gave has ended and cannot be renewed.`,
    hint: 'Log in or connect the account again.',
  },
  unavailable: {
    status: 503,
    title: 'Your access cannot be renewed at the moment',
    detail: ({ label }: Named & Wait) => `${label} did not answer as it should when asked to renew your access.`,
    hint: 'Try again in a minute.',
    headers: (wait: Named & Wait) => ({ 'retry-after': retryAfter(wait) }),
  },
})

export const accountErrors = defineErrors('account', {
  nameUnusable: {
    status: 400,
    title: 'This name cannot be used',
    detail: () =>
      'A name has 1 to 64 letters, digits, dots, hyphens and underscores, and starts with a letter or digit.',
    hint: 'Choose another name.',
  },
  nameTaken: {
    status: 409,
    title: 'There is such an account already',
    detail: ({ name }: { readonly name: string }) => `An account with the name ${name} exists.`,
    hint: 'Choose another name, or change its password.',
  },
  passwordUnusable: {
    status: 400,
    title: 'This password cannot be used',
    detail: () => 'A password has 12 to 1024 characters.',
    hint: 'Choose a longer one; a few words do well.',
  },
  unknown: {
    status: 404,
    title: 'No such account',
    detail: ({ name }: { readonly name: string }) => `There is no local account with the name ${name}.`,
    hint: 'List the accounts with `gatehouse user list`.',
  },
})
