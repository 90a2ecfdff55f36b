// What access refuses, in words for the person refused.

import { defineErrors } from '#kernel'

export const accessErrors = defineErrors('access', {
  loginRequired: {
    status: 401,
    title: 'Log in first',
    detail: () => 'This is not public, and the request came without a session.',
    hint: 'Log in, then try again.',
    // A 401 must carry a challenge (RFC 9110 §15.5.2). This scheme is one that no browser pops up a password box for.
    headers: () => ({ 'WWW-Authenticate': 'Cookie realm="gatehouse"' }),
  },
  refused: {
    status: 403,
    title: 'You may not do this',
    detail: ({ because }: { readonly because: string }) => because,
    hint: 'If you should have access, ask for it and quote this page’s error id.',
  },
  userDisabled: {
    status: 403,
    title: 'Your account is disabled',
    detail: ({ contact }: { readonly contact?: string | undefined }) =>
      `You proved who you are, but an administrator has disabled your account here.${contact === undefined ? '' : ` Whom to ask: ${contact}`}`,
    hint: 'Ask the people who run this service to enable it.',
  },
  pending: {
    status: 403,
    title: 'Your account is waiting for approval',
    detail: ({ contact }: { readonly contact?: string | undefined }) =>
      `You are logged in, but nobody has approved your account yet.${contact === undefined ? '' : ` Whom to ask: ${contact}`}`,
    hint: 'Wait until an administrator has decided, then try again.',
  },
  signUpRefused: {
    status: 403,
    title: 'Your account was not approved',
    detail: ({ contact }: { readonly contact?: string | undefined }) =>
      `You proved who you are, but an administrator has refused your account here.${contact === undefined ? '' : ` Whom to ask: ${contact}`}`,
    hint: 'Ask the people who run this service if you think that this is a mistake.',
  },
  otherIssuer: {
    status: 403,
    title: 'This name belongs to somebody else here',
    detail: ({ contact }: { readonly contact?: string | undefined }) =>
      `You proved who you are, but your name was given by another login server before, perhaps to another person.${contact === undefined ? '' : ` Whom to ask: ${contact}`}`,
    hint: 'Tell the people who run this service that the login server has changed.',
  },
  notPending: {
    status: 409,
    title: 'This account does not wait',
    detail: () => 'Only an account that waits for approval can be refused, and this one was approved.',
    hint: 'Disable the account to keep the person out.',
  },
  groupUnknown: {
    status: 404,
    title: 'No such group',
    detail: () => 'Gatehouse keeps no group of this name.',
    hint: 'List the groups; what a login provider says is not among them.',
  },
  groupExists: {
    status: 409,
    title: 'There is such a group',
    detail: () => 'A group of this name exists already.',
    hint: 'Take another name, or use the group that is there.',
  },
  groupNameUnusable: {
    status: 400,
    title: 'A group cannot be called so',
    detail: () =>
      'A name has 1 to 63 small letters, digits, dots, hyphens and underscores, and begins with a letter or digit.',
    hint: 'Choose another name. Policies write it as group:local:NAME.',
  },
  userUnknown: {
    status: 404,
    title: 'No such user',
    detail: () => 'No user has this id.',
    hint: 'List the users to find the id; a user exists from the first login on.',
  },
  personUnknown: {
    status: 404,
    title: 'Nobody is called so',
    detail: () => 'No user has this name, or more than one has.',
    hint: 'Give the id of a user, provider/subject, or "anonymous" for somebody who is not logged in.',
  },
  otherPerson: {
    status: 409,
    title: 'Somebody else is logged in',
    detail: () => 'The page that sent this is of another person than the one who is logged in now. Nothing was done.',
    hint: 'Load the page again.',
  },
  sessionUnknown: {
    status: 404,
    title: 'No such session',
    detail: () => 'This user has no session with this reference; it may have ended already.',
    hint: 'List the sessions of the user again.',
  },
  loginNotRecent: {
    status: 403,
    title: 'Log in again first',
    detail: () => 'This changes what others could use in your name, so it needs a login of just now.',
    hint: 'Log in again at /auth/login?again=1 and repeat it; the session that you have may stay open until then.',
  },
  ownAccount: {
    status: 409,
    title: 'This is your own account',
    detail: () => 'Disabling it would lock you out in the middle of what you do.',
    hint: 'Ask another administrator, or use the command line on the server.',
  },
  identityUnusable: {
    status: 403,
    title: 'The login cannot be used',
    detail: ({ provider }: { readonly provider: string }) =>
      `The provider ${provider} gave no usable name for you: it must be 1 to 255 characters, without control characters.`,
    hint: 'Tell the people who run this service; the provider’s claim for the subject needs a look.',
  },
})

/** What a token may not do, whoever issued it. */
export const scopeErrors = defineErrors('token', {
  misplaced: {
    status: 401,
    title: 'A token was sent where none belongs',
    /** Without a header it is the address. */
    detail: ({ header }: { readonly header?: string | undefined }) =>
      `One of this gateway stands in ${header === undefined ? 'the address' : `the header “${header}”`}, where none counts. Services behind the gateway never get one, so nothing was passed on.`,
    hint: 'Send it as `Authorization: Bearer`, and nowhere else. Make a new one if others could read the address.',
    // RFC 6750 §3.1
    headers: () => ({ 'WWW-Authenticate': 'Bearer realm="gatehouse", error="invalid_token"' }),
  },
  scopeMissing: {
    status: 403,
    title: 'The token may not be used for this',
    detail: ({ enough }: { readonly enough: readonly string[] }) =>
      `It needs the scope ${enough.join(' or ')}, which this token does not have.`,
    hint: 'Make a token that has this scope, in the settings of your account.',
    // RFC 6750 §3.1. Scopes are separated by spaces there; each of these is enough, so the narrowest is named.
    headers: ({ enough }: { readonly enough: readonly string[] }) => ({
      'WWW-Authenticate': `Bearer realm="gatehouse", error="insufficient_scope", scope="${enough.at(-1) ?? ''}"`,
    }),
  },
  sessionOnly: {
    status: 403,
    title: 'A token cannot do this',
    detail: () => 'Sessions, tokens and the account itself are changed by people who are logged in, never by a token.',
    hint: 'Log in with a browser and do it there.',
  },
})

export const hostErrors = defineErrors('host', {
  unknown: {
    status: 404,
    title: 'There is no such service',
    detail: () => 'The address of the service that you were going to is not one of ours, or nothing answers there.',
    hint: 'Open the service again from its own address.',
  },
  notOpened: {
    status: 403,
    title: 'This must be opened in a tab of its own',
    detail: () => 'A page tried to open the way to a service in the background or in a frame.',
    hint: 'Open the service from its own address.',
  },
})
