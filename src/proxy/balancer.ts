// Which of several endpoints gets the next request. Knows nothing of health: it chooses among those it is given.

import type { Balance } from './endpoints-config.ts'

export interface Candidate {
  readonly weight: number
  /** What it has open now. */
  readonly load: number
  /** How much its turn is due; the balancer's own. */
  turn: number
}

/** @param among at least one */
export type Choose = <E extends Candidate>(among: readonly E[]) => E

/** @param random 0 to 1, for `random`. */
export function createBalancer(balance: Balance, random: () => number = Math.random): Choose {
  switch (balance) {
    case 'round-robin':
      return nextInTurn
    case 'least-connections':
      return leastLoaded
    case 'random':
      return (among) => anyOf(among, random)
  }
}

/** nginx's smooth weighted round robin: of weights 5, 1, 1 the order is a a b a c a a, never five of one in a row. */
function nextInTurn<E extends Candidate>(among: readonly E[]): E {
  let next = among[0] as E
  let total = 0
  for (const each of among) {
    each.turn += each.weight
    total += each.weight
    if (each.turn > next.turn) next = each
  }
  next.turn -= total
  return next
}

/** Equals in turn: else an idle gateway would always ask the first. */
function leastLoaded<E extends Candidate>(among: readonly E[]): E {
  let least = Number.POSITIVE_INFINITY
  for (const { load, weight } of among) least = Math.min(least, load / weight)
  return nextInTurn(among.filter(({ load, weight }) => load / weight === least))
}

function anyOf<E extends Candidate>(among: readonly E[], random: () => number): E {
  let at = random() * among.reduce((sum, { weight }) => sum + weight, 0)
  for (const each of among) {
    at -= each.weight
    if (at < 0) return each
  }
  return among.at(-1) as E
}
