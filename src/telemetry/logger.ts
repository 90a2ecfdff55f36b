// What features see of the log: structured events, each with a name. What is written: `create-logger.ts`.

/** Fields of one event. `event` is a stable snake_case name: `session_create`, `proxy_request`, `security_violation`. */
export type LogFields = { readonly event: string } & Readonly<Record<string, unknown>>

export interface Logger {
  debug(fields: LogFields, message: string): void
  info(fields: LogFields, message: string): void
  warn(fields: LogFields, message: string): void
  error(fields: LogFields, message: string): void
  /** A logger that adds these fields to every event. */
  child(fields: Readonly<Record<string, unknown>>): Logger
}
