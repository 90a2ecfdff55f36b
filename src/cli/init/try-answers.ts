// Each answer, tried at once: its form by the configuration's own schema, then what it names by asking there.

import { constants, existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { createGateway } from '../../gateway.ts'
import type { GatewayConfig } from '../../modules.ts'
import type { CommandContext } from '../command-context.ts'
import { PATIENCE_MS } from '../probe/ask.ts'
import { describeTrial } from '../probe/describe-trial.ts'
import { bad, good, type Outcome } from '../probe/outcome.ts'
import { providerProfiles, recognise } from '../probe/provider-profiles.ts'
import { readDiscovery } from '../probe/read-discovery.ts'
import { tryFacility } from '../probe/try-facility.ts'
import { tryAuthorizationUrl, tryTokenUrl, tryUserinfoUrl } from '../probe/try-oauth2.ts'
import { tryService } from '../probe/try-service.ts'
import type { Login, Service, State } from './answers.ts'
import {
  toIdentitySection,
  toSecretFiles,
  toServerSection,
  toStorageSection,
  toUpstreamsSection,
} from './config-text.ts'
import { type Draft, loadDraft } from './draft.ts'

export interface Trials {
  readonly url: (url: string) => Promise<Outcome>
  readonly login: (login: Login) => Promise<Outcome>
  readonly service: (service: Service) => Promise<Outcome>
  readonly allow: (allow: string) => Promise<Outcome>
  readonly state: (state: State) => Promise<Outcome>
}

/** @param file where the configuration will be written */
export function createTrials(context: Pick<CommandContext, 'cwd'>, file: string): Trials {
  const draft = (text: string, secrets: Draft['secrets'] = new Map()) => loadDraft(context, { file, text, secrets })

  /** The form; then, if that is right, what it names. */
  const inForm = async (
    text: string,
    secrets: Draft['secrets'],
    next: (config: GatewayConfig) => Promise<Outcome>,
  ): Promise<Outcome> => {
    const loaded = draft(text, secrets)
    if (loaded.ok) return next(loaded.config)
    const [problem] = loaded.problems
    return bad(problem?.why ?? 'it makes no configuration', problem?.fix ?? 'answer otherwise')
  }

  const folder = dirname(resolve(context.cwd, file))
  return {
    url: (url) => inForm(toServerSection(url), NONE, async () => good(`${url} will do`)),
    login: (login) =>
      inForm(toIdentitySection(login), toSecretFiles({ login }), ({ identity: [provider] }) => tryLogin(provider)),
    service: (service) =>
      inForm(toUpstreamsSection(service, 'authenticated', LOCAL), NONE, () => tryService({ url: service.to })),
    allow: (allow) =>
      inForm(toUpstreamsSection({ path: '/x/', to: 'http://127.0.0.1' }, allow, LOCAL), NONE, async () =>
        good(allow === 'authenticated' ? 'everybody who is logged in' : allow),
      ),
    state: async (state) =>
      inForm(toStorageSection(state), toSecretFiles({ state }), async (config) => {
        if (state.type === 'embedded') return tryFolder(folder)
        const gateway = createGateway({ config, logSink: () => undefined })
        try {
          const outcomes = (await gateway.apis.storage.tryOut(PATIENCE_MS)).map((trial) => describeTrial(trial))
          return outcomes.find(({ ok }) => !ok) ?? good(outcomes.map(({ what }) => what).join('; '))
        } finally {
          await gateway.stop()
        }
      }),
  }
}

const NONE: Draft['secrets'] = new Map()
const LOCAL: Login = { type: 'local' }

/** @param provider what the answer comes to, with the secret that was typed or is in a file */
async function tryLogin(provider: Provider | undefined): Promise<Outcome> {
  switch (provider?.type) {
    case 'facility':
      return tryFacility(provider)
    case 'backend-ai':
      return tryService({ url: provider.endpoint })
    case 'oauth2':
      return firstBad([
        () => tryAuthorizationUrl(provider.authorizationUrl),
        () => tryTokenUrl(provider),
        () => tryUserinfoUrl(provider.userinfoUrl),
      ])
    case 'oidc': {
      const found = await readDiscovery(provider.issuer)
      if (!('document' in found)) return found
      const kind = recognise(found.document)
      const hint =
        kind === provider.profile || kind === 'generic'
          ? ''
          : `; it is ${providerProfiles[kind].name}: --profile ${kind}`
      return good(`${provider.issuer} is an OpenID provider, and calls itself so${hint}`)
    }
    default:
      return good('accounts are kept by the gateway itself')
  }
}

type Provider = GatewayConfig['identity'][number]

/** One after the other, up to the first that fails. */
async function firstBad(trials: readonly (() => Promise<Outcome>)[]): Promise<Outcome> {
  const seen: string[] = []
  for (const test of trials) {
    const outcome = await test()
    if (!outcome.ok) return outcome
    seen.push(outcome.what)
  }
  return good(seen.join('; '))
}

async function tryFolder(folder: string): Promise<Outcome> {
  try {
    await access(nearestExisting(folder), constants.W_OK | constants.X_OK)
    return good(`state will be kept in ${resolve(folder, 'gatehouse-data')}`)
  } catch {
    return bad(`nothing may be written to ${folder}`, 'write the configuration into a folder of your own with --output')
  }
}

/** Folders that do not exist yet are made. */
const nearestExisting = (folder: string): string =>
  existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder))
