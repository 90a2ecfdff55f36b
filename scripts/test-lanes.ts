// Several at a time, within so many lanes: an item takes one or more of them. Items start in their order, but one for which
// there is no room lets later ones pass.

export interface Lanes<Item> {
  readonly lanes: number
  /** At most all of them count. */
  readonly lanesOf: (item: Item) => number
}

/** @throws what `run` threw first, once nothing runs any more */
export async function runInLanes<Item>(
  items: readonly Item[],
  { lanes, lanesOf }: Lanes<Item>,
  run: (item: Item) => Promise<void>,
): Promise<void> {
  const running = new Map<Promise<void>, number>()
  let waiting = items

  const startsNow = (item: Item): boolean => {
    const width = Math.min(lanesOf(item), lanes)
    const taken = running.values().reduce((sum, each) => sum + each, 0)
    if (width > lanes - taken) return false
    const ended = run(item).finally(() => running.delete(ended))
    running.set(ended, width)
    return true
  }
  const startWhatFits = (): void => {
    waiting = waiting.filter((item) => !startsNow(item))
  }
  try {
    for (startWhatFits(); running.size > 0; startWhatFits()) await Promise.race(running.keys())
  } finally {
    await Promise.allSettled(running.keys())
  }
}
