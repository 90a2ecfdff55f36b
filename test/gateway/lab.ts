// One gateway with people who can log in, for the tests of this folder. Everything is real: accounts made on the
// command line, passwords through the login form, sessions from its cookie. Who needs an OpenID provider takes `oidc-lab.ts`.

import { Readable } from 'node:stream'
import { Command } from 'commander'
import { addUserCommand } from '../../src/cli/user-command.ts'
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

/** `gatehouse user add`, the first time that somebody is asked for. */
function createAccounts({ configFiles }: TestGateway): Lab['account'] {
  const known = new Map<Persona, ReturnType<Lab['account']>>()

  const create = async (who: Persona): ReturnType<Lab['account']> => {
    const password = `CANARY-password-${who}`
    const program = new Command().exitOverride()
    addUserCommand(program, {
      env: {},
      cwd: '/',
      stdin: Readable.from([Buffer.from(password)]) as unknown as NodeJS.ReadStream,
      print: () => {},
      printError: (text) => {
        throw new Error(text)
      },
      setExitCode: () => {},
      nodeVersion: process.versions.node,
      onSignal: () => () => {},
    })
    const groups = groupsOf[who].flatMap((group) => ['--group', group])
    const config = configFiles.flatMap((file) => ['--config', file])
    await program.parseAsync(['user', 'add', who, ...groups, ...config], { from: 'user' })
    return { username: who, password }
  }

  return (who) => {
    const account = known.get(who) ?? create(who)
    known.set(who, account)
    return account
  }
}
