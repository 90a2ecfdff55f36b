export type { ActiveSession, Credential, Credentials, SessionEnd, SessionRow } from './session.ts'
export type { LoginAttempt, LoginAttempts, NewSession, Sessions } from './sessions.ts'
