// Whom a facility knows, and what it knows of their experiments.

export interface FacilityRecords {
  /** What callers prove themselves with where that is asked for. */
  readonly basic: { readonly username: string; readonly password: string }
  readonly accounts: Map<string, FacilityAccount>
  /** From hashes of the federation to accounts. */
  readonly hashes: Map<string, string>
}

export interface FacilityAccount {
  readonly password: string
  isAuthorized: boolean
  experiments: FacilityExperiment[]
}

/** As it goes over the wire. */
export interface FacilityExperiment {
  readonly subject: unknown
  readonly proposal_id: unknown
  readonly body: unknown
  readonly beam_line: unknown
  readonly uid?: unknown
  readonly gid?: unknown
  readonly sessions: unknown
}

export const ada = { username: 'ada', password: 'CANARY-password-ada', hash: 'a1b2c3-hash-of-ada' }

export const createRecords = (): FacilityRecords => ({
  basic: { username: 'gatehouse', password: 'CANARY-basic' },
  accounts: new Map([
    [ada.username, { password: ada.password, isAuthorized: true, experiments: [] }],
    ['bob', { password: 'CANARY-password-bob', isAuthorized: false, experiments: [] }],
  ]),
  hashes: new Map([[ada.hash, ada.username]]),
})
