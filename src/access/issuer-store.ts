// By whose word a person is known: the issuer of the login that made the row. The same name from another issuer is somebody
// else (OpenID Connect Core §5.7), so an entry that is pointed at another server must not hand the accounts over.

import type { LoginIdentity } from '#identity'
import { insertIfAbsent, type Storage } from '#storage'
import type { PeopleTables } from './user-tables.ts'

export interface IssuerStore {
  /**
   * Writes down who vouched for the person the first time, and follows an issuer that has moved.
   * @returns false if somebody else vouched for them before
   */
  isVouchedFor(userId: string, identity: Pick<LoginIdentity, 'issuer' | 'formerIssuers'>): Promise<boolean>
}

export function createIssuerStore(storage: Pick<Storage, 'sql'>): IssuerStore {
  const find = async (userId: string): Promise<string | undefined> => {
    const database = storage.sql<PeopleTables>()
    return (await database.selectFrom('user_issuers').select('issuer').where('user_id', '=', userId).executeTakeFirst())
      ?.issuer
  }

  return Object.freeze({
    async isVouchedFor(userId: string, { issuer, formerIssuers }: Pick<LoginIdentity, 'issuer' | 'formerIssuers'>) {
      if (formerIssuers === undefined) return true
      const known = await find(userId)
      if (known === issuer) return true
      const database = storage.sql<PeopleTables>()
      if (known === undefined) {
        await insertIfAbsent(database, 'user_issuers', { row: { user_id: userId, issuer }, key: ['user_id'] })
      } else if (formerIssuers.includes(known)) {
        await database
          .updateTable('user_issuers')
          .set({ issuer })
          .where('user_id', '=', userId)
          .where('issuer', '=', known)
          .execute()
      }
      // Read again: another login, by a node with another configuration, may have been quicker.
      return (await find(userId)) === issuer
    },
  })
}
