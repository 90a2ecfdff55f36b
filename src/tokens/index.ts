export { serviceAccountErrors, tokenErrors } from './errors.ts'
export { type ListedToken, toListedToken } from './listed-token.ts'
export { tokensModule } from './module.ts'
export { type ListedServiceAccount, toListedAccount } from './service-account-routes.ts'
export {
  SERVICE_PROVIDER,
  type ServiceAccount,
  type ServiceAccountSettings,
  type ServiceAccounts,
} from './service-accounts.ts'
export type { Token, Tokens } from './tokens.ts'
