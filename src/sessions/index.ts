export { LONGEST_SESSION_MS } from './config.ts'
export { createEndWithSessionStep } from './end-with-session-step.ts'
export { sessionErrors } from './errors.ts'
export type { HostArrivals } from './host-arrivals.ts'
export { isChallenge } from './host-tickets.ts'
export { type ListedSession, listedSession, toListedSession } from './listed-session.ts'
export { createLoadSessionStep } from './load-session.ts'
export { sessionsModule } from './module.ts'
export type {
  ActiveSession,
  ConnectedAccount,
  Credential,
  Credentials,
  SessionEnd,
  SessionRow,
  WatchEnd,
} from './session.ts'
export type { OwnCookie } from './session-cookies.ts'
export { createCompactName, isCompactName } from './session-token.ts'
export type {
  EndedBy,
  LoginAttempt,
  LoginAttempts,
  NewSession,
  ProviderSession,
  Remaining,
  RenewedCredential,
  Sessions,
  SessionWatch,
  StandIn,
} from './sessions.ts'
