export type { ActiveSession, Credential, Credentials, SessionEnd, SessionRow } from './session.ts'
export type {
  EndedBy,
  LoginAttempt,
  LoginAttempts,
  NewSession,
  ProviderSession,
  Remaining,
  Sessions,
  SessionWatch,
} from './sessions.ts'
