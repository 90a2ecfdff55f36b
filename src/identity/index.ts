export type { Enter, Entrant, Entry } from './carried-login.ts'
export { type IdentityConfig, identityConfig } from './config.ts'
export { negotiateVersion } from './drivers/backend-ai/api-version.ts'
export { FacilityFault } from './drivers/facility/call.ts'
export type { Experiment, ExperimentSession } from './drivers/facility/experiment.ts'
export {
  createFetchExperiments,
  type ExperimentsPage,
  type ExperimentsQuery,
  type ExperimentsSettings,
  type FetchExperiments,
} from './drivers/facility/experiments.ts'
export { experimentsUrl, facilityBasic } from './drivers/facility/settings.ts'
export { type DirectoryTrial, tryDirectory } from './drivers/ldap/try-directory.ts'
export type { LocalAccountSummary, LocalAccounts, NewLocalAccount } from './drivers/local/local-accounts.ts'
export { credentialKinds } from './drivers.ts'
export { accountErrors, credentialErrors, loginErrors, logoutErrors } from './errors.ts'
export type { Identities, ProviderSummary } from './identity.ts'
export { callbackPath } from './login-service.ts'
export { LOGGED_OUT_PATH } from './logout.ts'
export { identityModule } from './module.ts'
export type { Accounts, AdmittedUser, LoginIdentity, PublicAddress } from './ports.ts'
export { toPrintable } from './printable.ts'
export type {
  BegunLogin,
  IdentityProvider,
  PasswordForm,
  PasswordProvider,
  Proof,
  RedirectProvider,
  Renewal,
  Verification,
} from './provider.ts'
export type { RedirectLogins } from './redirect-logins.ts'
export { createRenewLoginStep } from './renew-login-step.ts'
export { toReturnTo } from './return-to.ts'
