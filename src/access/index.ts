export type {
  Access,
  Approval,
  ChangedBy,
  CompiledPolicy,
  LocalGroup,
  LocalGroups,
  PolicyDecision,
  PolicyRule,
  Principal,
  Role,
  User,
  UserPage,
  Users,
} from './access.ts'
export { ROLES } from './access.ts'
export { accessModule } from './access-module.ts'
export { allowSchema, namedProvider } from './allow.ts'
export type {
  ActiveToken,
  Authenticator,
  Authenticators,
  PresentedCredentials,
  TokenPrincipal,
} from './authenticator.ts'
export { createBearerTokenStep } from './bearer-token-step.ts'
export { accessErrors, hostErrors, scopeErrors } from './errors.ts'
export { createExplain, type Explain, type Explanation } from './explain.ts'
export { createExplainRoute } from './explain-route.ts'
export { createHostEntry, type HostEntry } from './host-entry.ts'
export { withoutLocalGroups } from './local-group-names.ts'
export { compilePersonText, PERSON_FACTS, personTextSchema } from './person-text.ts'
export { policyRulesSchema } from './policy.ts'
export { createPolicyStep } from './policy-step.ts'
export { otherReadings } from './readings.ts'
export type { Recipient } from './recipients.ts'
export { createRefusalRecorder, type RefusalRecorder } from './refusal-recorder.ts'
export { createRequireIdentityStep } from './require-identity-step.ts'
export { createTokenWatches, type TokenWatches, type WatchedToken } from './token-watches.ts'
