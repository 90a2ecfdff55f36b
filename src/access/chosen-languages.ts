// The languages that people have chosen. A feature above keeps them; whoever writes to people asks here.

import type { UserId } from '#kernel'
import type { MailLanguage } from '#mail'
import type { Logger } from '#telemetry'

type FindLanguage = (id: UserId) => Promise<MailLanguage | undefined>

export interface ChosenLanguages {
  /** Called in the `create` of the module that keeps them. */
  keptBy(find: FindLanguage): void
  /** Undefined if the person has chosen none. What cannot be found out is no reason not to write: undefined as well. */
  readonly find: FindLanguage
}

export function createChosenLanguages(log: Logger): ChosenLanguages {
  let ask: FindLanguage = async () => undefined
  return Object.freeze({
    keptBy(find: FindLanguage) {
      ask = find
    },
    find: (id: UserId) =>
      ask(id).catch((error: unknown) => {
        log.warn({ event: 'language_unknown', user_id: id, err: error }, 'the language of a person could not be read')
        return undefined
      }),
  })
}
