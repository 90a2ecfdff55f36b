// What is refused at the Web UI's own addresses. `problems.ts` and the mount have the words in which it leaves.

import { defineErrors } from '#kernel'

export const webUiErrors = defineErrors('webUi', {
  refusedByPolicy: {
    status: 403,
    title: 'Forbidden',
    detail: () => 'A policy of this service refuses the request.',
    hint: 'Check the address. Operators: see backendAi.security.requestPolicies.',
  },
})
