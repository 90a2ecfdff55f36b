// The answer to "may they?", with its reason, as steps, pages and `gatehouse explain` use it.

import type { GatewayError } from '#kernel'

export type Decision =
  | { readonly allow: true; readonly rule: string }
  | {
      readonly allow: false
      /** For the person refused: which rule, and what they would need. */
      readonly because: string
      /** Whether logging in could change the answer. */
      readonly loginMayHelp: boolean
      /** How it is told, where `access.refused` with the reason would say too little. */
      readonly error?: () => GatewayError
    }
