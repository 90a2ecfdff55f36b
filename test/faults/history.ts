// What clients of several nodes did with sessions, with the times when they asked and were answered, and the rules that
// such a history must keep whatever was done to the stores meanwhile. What got no clear answer may have happened or not.

export interface Operation {
  readonly kind: 'login' | 'read' | 'end'
  /** One that the test gave to the session. */
  readonly session: number
  /** The person who has it. */
  readonly owner: string
  readonly node: number
  /** Of one clock, in ms. */
  readonly invokedAtMs: number
  readonly completedAtMs: number
  /** `unclear`: an error of the stores or of the connection. */
  readonly outcome: 'ok' | 'refused' | 'unclear'
  /** For a read: the person that the answer was about. */
  readonly who?: string
}

/** A refresh token as it reached the provider. */
export interface Presented {
  readonly token: string
  readonly atMs: number
  readonly isTaken: boolean
}

/** When something was done to the stores or to a node, in ms; what they need to come back is part of it. */
export interface FaultWindow {
  readonly fromMs: number
  readonly toMs: number
}

export interface History {
  readonly operations: readonly Operation[]
  readonly presented: readonly Presented[]
  readonly faults: readonly FaultWindow[]
}

export interface HistoryRules {
  /** So long after an end was acknowledged at one node may another one not know of it. */
  readonly visibleWithinMs: number
}

/** In words; none is what there should be. */
export function findViolations({ operations, presented, faults }: History, rules: HistoryRules): readonly string[] {
  return [
    ...findReadsAfterEnd(operations, rules),
    ...findForeignReads(operations),
    ...findReadsWithoutLogin(operations),
    ...findTokensUsedTwice(presented, faults),
  ]
}

/** A read that was asked for after an end had been acknowledged does not succeed. */
function findReadsAfterEnd(operations: readonly Operation[], { visibleWithinMs }: HistoryRules): readonly string[] {
  const ends = operations.filter(({ kind, outcome }) => kind === 'end' && outcome === 'ok')
  return operations.filter(isSuccessfulRead).flatMap((read) => {
    const before = ends.find(({ session, node, completedAtMs }) => {
      const grace = node === read.node ? 0 : visibleWithinMs
      return session === read.session && read.invokedAtMs > completedAtMs + grace
    })
    if (before === undefined) return []
    const after = Math.round(read.invokedAtMs - before.completedAtMs)
    return [`session ${read.session} was read at node ${read.node}, ${after} ms after its end at node ${before.node}`]
  })
}

function findForeignReads(operations: readonly Operation[]): readonly string[] {
  return operations
    .filter(isSuccessfulRead)
    .filter(({ who, owner }) => who !== owner)
    .map(({ session, owner, who }) => `session ${session} of ${owner} was answered about ${who}`)
}

/** Nobody is let in by a login that was refused, or before it was asked for. */
function findReadsWithoutLogin(operations: readonly Operation[]): readonly string[] {
  const begun = new Map(
    operations
      .filter(({ kind, outcome }) => kind === 'login' && outcome !== 'refused')
      .map(({ session, invokedAtMs }) => [session, invokedAtMs]),
  )
  return operations
    .filter(isSuccessfulRead)
    .filter(({ session, completedAtMs }) => completedAtMs < (begun.get(session) ?? Number.POSITIVE_INFINITY))
    .map(({ session }) => `session ${session} was read without a login`)
}

/** A token is taken once; it is presented again only where a fault may have lost what the first time brought. */
function findTokensUsedTwice(presented: readonly Presented[], faults: readonly FaultWindow[]): readonly string[] {
  const byToken = Map.groupBy(presented, ({ token }) => token)
  return [...byToken.values()].flatMap((uses) => {
    const taken = uses.filter(({ isTaken }) => isTaken)
    if (taken.length > 1) return [`a refresh token was taken ${taken.length} times`]
    const [first] = uses
    const isExcused = faults.some(
      ({ fromMs, toMs }) => first !== undefined && first.atMs >= fromMs && first.atMs <= toMs,
    )
    return uses.length > 1 && !isExcused ? [`a refresh token was presented ${uses.length} times without a fault`] : []
  })
}

const isSuccessfulRead = ({ kind, outcome }: Operation): boolean => kind === 'read' && outcome === 'ok'
