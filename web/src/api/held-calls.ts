// Calls that were refused because nobody is logged in any more, or somebody else, or because the login is too long ago.
// Each is kept until somebody has logged in again, and then sent once more. That is safe for calls that change something too: such a refusal
// comes before anything is done. Whoever made the call sees only that it takes long.

import { hasCode, toProblem } from './problem.ts'

/** The last: a look at who is logged in. */
export type Need = 'login' | 'recent-login' | 'look'

export interface HeldCalls {
  /** In place of `fetch`. */
  readonly send: (request: Request) => Promise<Response>
  /** What the calls that are kept need; undefined if there is none. */
  readonly need: () => Need | undefined
  readonly subscribe: (changed: () => void) => () => void
  /** Somebody may have logged in. What is refused again is kept again. */
  readonly tryAgain: () => void
  /** Every call that is kept gets the refusal as its answer. */
  readonly giveUp: () => void
  /** From now on nothing is sent: it is not known who is logged in, or that is not whose page this is. */
  readonly stop: () => void
  /** What has waited since then is sent. `tryAgain` does so as well. */
  readonly resume: () => void
}

interface Held {
  readonly need: Need
  readonly goOn: (isGivenUp: boolean) => void
}

export function createHeldCalls(): HeldCalls {
  const held = new Set<Held>()
  const listeners = new Set<() => void>()
  let stopped: PromiseWithResolvers<void> | undefined

  const tell = (): void => {
    for (const changed of listeners) changed()
  }

  /** @returns whether it was given up. It stays in the set while it is tried again: what is shown of it must not flicker. */
  const wait = (need: Need, before: Held | undefined): { readonly entry: Held; readonly end: Promise<boolean> } => {
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const entry: Held = { need, goOn: resolve }
    held.add(entry)
    if (before !== undefined) held.delete(before)
    tell()
    return { entry, end: promise }
  }

  const send = async (request: Request): Promise<Response> => {
    let entry: Held | undefined
    try {
      for (let spare = request; ; ) {
        await stopped?.promise
        const next = spare.clone()
        const answer = await fetch(spare)
        const need = await needOf(answer)
        if (need === undefined) return answer
        const waiting = wait(need, entry)
        entry = waiting.entry
        if (await waiting.end) return answer
        spare = next
      }
    } finally {
      if (entry !== undefined) {
        held.delete(entry)
        tell()
      }
    }
  }

  const goOn = (isGivenUp: boolean): void => {
    for (const each of held) each.goOn(isGivenUp)
  }

  const resume = (): void => {
    stopped?.resolve()
    stopped = undefined
  }

  return Object.freeze({
    send,
    need: () => [...held][0]?.need,
    subscribe(changed: () => void) {
      listeners.add(changed)
      return () => void listeners.delete(changed)
    },
    tryAgain() {
      resume()
      goOn(false)
    },
    giveUp: () => goOn(true),
    stop() {
      stopped ??= Promise.withResolvers<void>()
    },
    resume,
  })
}

/** Only refusals by the gate itself, which looks before anything else does. */
async function needOf(answer: Response): Promise<Need | undefined> {
  if (![401, 403, 409].includes(answer.status)) return undefined
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => undefined)
  const problem = toProblem(body, answer.status)
  if (hasCode(problem, 'access.loginRequired')) return 'login'
  if (hasCode(problem, 'access.otherPerson')) return 'look'
  return hasCode(problem, 'access.loginNotRecent') ? 'recent-login' : undefined
}
