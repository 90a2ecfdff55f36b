// To which address, and in which language, mails to people go.

import type { MailLanguage } from '#mail'
import type { User } from './access.ts'
import type { ChosenLanguages } from './chosen-languages.ts'

export interface Recipient {
  readonly to: string
  /** Absent: the configured one. */
  readonly language?: MailLanguage
}

export interface Recipients {
  /** Undefined if nobody knows an address of theirs. */
  person(user: Pick<User, 'id' | 'email'>): Promise<Recipient | undefined>
  /** Everybody who administers now and has an address, each address once. */
  admins(): Promise<readonly Recipient[]>
}

export interface RecipientsDeps {
  readonly findAdmins: () => Promise<readonly User[]>
  readonly languageOf: ChosenLanguages['find']
}

export function createRecipients({ findAdmins, languageOf }: RecipientsDeps): Recipients {
  const person: Recipients['person'] = async ({ id, email = '' }) => {
    if (email === '') return undefined
    const language = await languageOf(id)
    return { to: email, ...(language !== undefined && { language }) }
  }

  return Object.freeze({
    person,
    async admins() {
      const byAddress = new Map((await findAdmins()).map((admin) => [admin.email, admin]))
      const found = await Promise.all([...byAddress.values()].map(person))
      return found.filter((recipient) => recipient !== undefined)
    },
  })
}
