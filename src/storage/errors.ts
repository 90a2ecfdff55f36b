// What can go wrong with the stores, as callers see it. Both are answered with 503 and a time to try again.

import { defineErrors } from '#kernel'

export const storageErrors = defineErrors('storage', {
  unavailable: {
    status: 503,
    title: 'A store does not answer',
    detail: ({ store }: { readonly store: 'database' | 'key-value store' }) =>
      `The request needs the ${store}, which did not answer in time.`,
    hint: 'Try again in a moment. If it lasts, tell whoever runs this gateway.',
    headers: () => ({ 'retry-after': '1' }),
  },
  locked: {
    status: 503,
    title: 'Somebody else is at it',
    detail: () => 'Another request is changing the same thing and has not finished in time.',
    hint: 'Try again in a moment.',
    headers: () => ({ 'retry-after': '1' }),
  },
})
