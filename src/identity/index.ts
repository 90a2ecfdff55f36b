export type { Identities } from './identity.ts'
export type { Accounts, AdmittedUser, LoginIdentity } from './ports.ts'
export type { BegunLogin, IdentityProvider, PasswordProvider, Proof, RedirectProvider } from './provider.ts'
