// Runs pieces of work one after the other, whatever becomes of each.

export type OneAtATime = <T>(work: () => Promise<T>) => Promise<T>

export function createOneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve()
  return (work) => {
    const outcome = last.then(work)
    last = outcome.catch(() => {})
    return outcome
  }
}
