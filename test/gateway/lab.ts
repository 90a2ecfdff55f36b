// One gateway with people who can log in, for the tests of this folder. Everything is real: accounts in the database,
// passwords through the login form, sessions from its cookie. Who needs an OpenID provider takes `oidc-lab.ts`.

import { argon2Sync, randomBytes } from 'node:crypto'
import { createClient, type TestClient } from '../support/http-client.ts'
import { type ConfigLayer, type GatewaySettings, startGateway, type TestGateway } from '../support/start-gateway.ts'

/** `ada` is in the group lab, `grace` in lab and admins, `mallory` in none. */
export type Persona = keyof typeof groupsOf

export interface Lab extends AsyncDisposable {
  readonly gateway: TestGateway
  /** Without a slash at the end. */
  readonly url: string
  readonly port: number
  /** A browser in which nobody is logged in. */
  stranger(): TestClient
  /** A browser of its own in which that person has logged in. */
  logIn(who: Persona): Promise<TestClient>
  /** Creates the account if there is none yet. @returns what to type into the login form */
  account(who: Persona): Promise<{ readonly username: string; readonly password: string }>
}

export interface LabSettings extends Omit<GatewaySettings, 'config'> {
  /** Laid over what makes these people able to log in. */
  readonly config?: ConfigLayer
}

const groupsOf = { ada: ['lab'], grace: ['lab', 'admins'], mallory: [] } as const

export async function startLab({ config = {}, ...settings }: LabSettings = {}): Promise<Lab> {
  const gateway = await startGateway({ ...settings, config: [withPeople, config] })
  const { url } = gateway
  const account = createAccounts(gateway)
  return Object.freeze({
    gateway,
    url,
    port: Number(new URL(url).port),
    stranger: () => createClient(url),
    account,
    async logIn(who: Persona) {
      const client = createClient(url)
      const answer = await client.post('/auth/login/local', await account(who))
      if (answer.status !== 303) throw new Error(`${who} could not log in: ${answer.status} ${answer.text}`)
      return client
    },
    [Symbol.asyncDispose]: gateway.close,
  })
}

const withPeople: ConfigLayer = {
  identity: [{ id: 'local', type: 'local' }],
  access: { admins: ['group:admins'] },
}

interface AccountTables {
  readonly local_accounts: {
    readonly name: string
    readonly display_name: string
    readonly groups: string
    readonly password_hash: string
    readonly created_at: number
  }
}

/** As `gatehouse user add` would, the first time that somebody is asked for. */
function createAccounts({ apis }: TestGateway): Lab['account'] {
  const known = new Map<Persona, ReturnType<Lab['account']>>()

  const create = async (who: Persona): ReturnType<Lab['account']> => {
    const password = `CANARY-password-${who}`
    const row = {
      name: who,
      display_name: `${who[0]?.toUpperCase()}${who.slice(1)}`,
      groups: JSON.stringify(groupsOf[who]),
      password_hash: hashPassword(password),
      created_at: Date.now(),
    }
    await apis.storage.sql<AccountTables>().insertInto('local_accounts').values(row).execute()
    return { username: who, password }
  }

  return (who) => {
    const account = known.get(who) ?? create(who)
    known.set(who, account)
    return account
  }
}

/** In the PHC string format, at the cost that the gateway itself uses. */
function hashPassword(password: string): string {
  const nonce = randomBytes(16)
  const cost = { parallelism: 1, tagLength: 32, memory: 19_456, passes: 2 }
  const tag = argon2Sync('argon2id', { message: password, nonce, ...cost })
  const unpadded = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')
  return `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=${cost.parallelism}$${unpadded(nonce)}$${unpadded(tag)}`
}
