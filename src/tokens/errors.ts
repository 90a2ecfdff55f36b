// What tokens refuse. Whoever presents one that is not good learns no more than that.

import { defineErrors } from '#kernel'

interface Waiting {
  readonly waitMs: number
}

const toSeconds = (ms: number): number => Math.ceil(ms / 1000)

export const tokenErrors = defineErrors('token', {
  invalid: {
    status: 401,
    title: 'The token is not good',
    detail: () => 'It is none of ours, or it has expired, or it was revoked.',
    hint: 'Check that it was copied whole and is sent as Bearer; make a new one in the settings of your account.',
    // RFC 6750 §3.1
    headers: () => ({ 'WWW-Authenticate': 'Bearer realm="gatehouse", error="invalid_token"' }),
  },
  tooManyFailures: {
    status: 429,
    title: 'Too many wrong tokens',
    detail: ({ waitMs }: Waiting) =>
      `Many tokens that are not good came from your address. The next one is looked at in ${toSeconds(waitMs)} s.`,
    hint: 'Wait so long. Look for a program that goes on with a token that was revoked or has expired.',
    headers: ({ waitMs }: Waiting) => ({ 'retry-after': String(toSeconds(waitMs)) }),
  },
  unknown: {
    status: 404,
    title: 'No such token',
    detail: () => 'There is no token of this id, or it is good no more.',
    hint: 'List the tokens again.',
  },
  scopeUnknown: {
    status: 400,
    title: 'There is no such scope',
    detail: ({ scope }: { readonly scope: string }) => `"${scope.slice(0, 100)}" is not a scope.`,
    hint: 'GET /api/v1/tokens/scopes lists them.',
  },
  scopeNotYours: {
    status: 403,
    title: 'You cannot give this scope',
    detail: ({ scope }: { readonly scope: string }) =>
      `A token may do no more than the person who makes it, and "${scope}" is for administrators.`,
    hint: 'Leave the scope out.',
  },
  lifetimeTooLong: {
    status: 400,
    title: 'The token would be good for too long',
    detail: ({ maxDays }: { readonly maxDays: number }) => `Tokens are good for ${maxDays} days at most here.`,
    hint: 'Ask for fewer days; operators set the most as tokens.maxLifetime.',
  },
  tooMany: {
    status: 409,
    title: 'You have too many tokens',
    detail: ({ limit }: { readonly limit: number }) => `Nobody can have more than ${limit} at a time.`,
    hint: 'Revoke those that you do not use any more.',
  },
})

export const serviceAccountErrors = defineErrors('serviceAccount', {
  unknown: {
    status: 404,
    title: 'No such service account',
    detail: () => 'There is no service account of this name.',
    hint: 'List the service accounts again.',
  },
  nameUnusable: {
    status: 400,
    title: 'This name cannot be used',
    detail: () => 'A service account is named with small letters, digits and hyphens: 1 to 63, and no hyphen first.',
    hint: 'Choose another name, such as nightly-export.',
  },
  disabled: {
    status: 409,
    title: 'The service account is disabled',
    detail: () => 'Nothing of it can be changed, and it gets no new keys, while it is.',
    hint: 'Enable it first.',
  },
  noKeyFolder: {
    status: 409,
    title: 'There is no place for key files',
    detail: () => 'Keys that rotate by themselves are written to a folder, and none is configured.',
    hint: 'Operators set tokens.keyFolder; or leave rotateEvery out and rotate on demand.',
  },
  fileUnwritable: {
    status: 503,
    title: 'The key file could not be written',
    detail: () => 'The new key was thrown away; the present ones are good as before.',
    hint: 'Operators: the log names the file and the reason. The folder must exist and belong to Gatehouse.',
  },
})
