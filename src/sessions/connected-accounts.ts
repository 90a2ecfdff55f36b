// The accounts at other providers that a session holds credentials of. A connection has an id of its own, so that its end
// can be written down like that of a session: nobody but the browser can open the sealed half to take a credential out.

import { randomToken } from '#kernel'
import { withCredential } from './renewal.ts'
import type { ActiveSession, ConnectedAccount, Credential } from './session.ts'

export const createConnection = (
  provider: string,
  { issuer, subject, sid }: Pick<ConnectedAccount, 'issuer' | 'subject' | 'sid'>,
  connectedAt: number,
): ConnectedAccount =>
  Object.freeze({ id: randomToken(16), provider, issuer, subject, ...(sid !== undefined && { sid }), connectedAt })

/** The session with this credential, or without it, and with the account that it is of. */
export function withConnection(
  session: ActiveSession,
  name: string,
  credential: Credential | undefined,
  account: ConnectedAccount | undefined,
): ActiveSession {
  const { row, credentials } = withCredential(session, name, credential)
  const others = connectionsOf(session).filter(({ provider }) => provider !== name)
  return withConnected({ row, credentials }, account === undefined ? others : [...others, account])
}

/** The session without the connections that have ended. */
export function withoutConnections(session: ActiveSession, hasEnded: (id: string) => boolean): ActiveSession {
  const ended = connectionsOf(session).filter(({ id }) => hasEnded(id))
  return ended.reduce((rest, { provider }) => withConnection(rest, provider, undefined, undefined), session)
}

export const connectionsOf = ({ row }: Pick<ActiveSession, 'row'>): readonly ConnectedAccount[] => row.connected ?? []

function withConnected({ row, credentials }: ActiveSession, accounts: readonly ConnectedAccount[]): ActiveSession {
  const { connected: _, ...rest } = row
  return Object.freeze({
    row: Object.freeze(accounts.length === 0 ? rest : { ...rest, connected: Object.freeze([...accounts]) }),
    credentials,
  })
}
