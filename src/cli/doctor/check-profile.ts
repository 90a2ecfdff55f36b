// Whether a provider is of the kind that its entry says, and offers the scopes that are asked for.

import type { GatewayConfig } from '../../modules.ts'
import { providerProfiles, recognise } from '../probe/provider-profiles.ts'
import { type Finding, ok, warning } from './finding.ts'

type Oidc = Extract<GatewayConfig['identity'][number], { readonly type: 'oidc' }>
type Document = Readonly<Record<string, unknown>>

export function checkProfile(provider: Oidc, document: Document): readonly Finding[] {
  return [...checkKind(provider, document), ...checkScopes(provider, document)]
}

function checkKind({ id, profile }: Oidc, document: Document): readonly Finding[] {
  const check = `profile ${id}`
  const found = recognise(document)
  const { name, toDo } = providerProfiles[found]
  if (found === profile) return found === 'generic' ? [] : [ok(check, `it is ${name}; ${toDo.join('; ')}`)]
  if (found === 'generic') {
    const what = `the profile is ${profile}, and the discovery document is not that of ${providerProfiles[profile].name}`
    return [warning(check, what, 'look at /api/v1/me after a login whether groups are what you expect')]
  }
  const what = `it is ${name}, and the profile is ${profile}: groups and roles are not read as ${name} has them`
  return [warning(check, what, `write profile: ${found}; ${toDo.join('; ')}`)]
}

function checkScopes({ id, profile, scopes }: Oidc, { scopes_supported: offered }: Document): readonly Finding[] {
  if (!Array.isArray(offered)) return []
  const lacking = [...scopes, ...providerProfiles[profile].scopes].filter((scope) => !offered.includes(scope))
  if (lacking.length === 0) return []
  const what = `it does not offer the scope ${lacking.join(', ')}`
  return [warning(`scopes ${id}`, what, 'correct `scopes` of the provider, or make the scope there')]
}
