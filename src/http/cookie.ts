// The one place that reads and writes cookies.

export interface SetCookie {
  readonly name: string
  readonly value: string
  /** Seconds; 0 deletes; undefined lasts as long as the browser. */
  readonly maxAgeSeconds?: number
  readonly sameSite: 'Lax' | 'Strict' | 'None'
}
