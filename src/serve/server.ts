// What `gatehouse serve` runs: one process, or a supervisor with several.

export interface Server {
  /** Resolves once requests are answered. @throws what kept it from that. */
  start(): Promise<void>
  /** Resolves when it is done or refused; the log says which. */
  reload(): Promise<void>
  /** The same with what needs a restart: other processes take the place of these, one by one. */
  renew(): Promise<void>
  /** Requests finish first. */
  stop(): Promise<void>
  /** Ends what would outlive this process. */
  kill(): void
}
