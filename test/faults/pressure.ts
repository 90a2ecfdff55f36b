// Steady traffic while something breaks: so many questions a second, whatever becomes of them, and what came back when.

import { Agent, type Dispatcher } from 'undici'

export interface Question {
  /** Names the kind of it in what is counted. */
  readonly what: string
  readonly url: string
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answered {
  readonly what: string
  /** Of `performance.now()`, when it was asked. */
  readonly askedAtMs: number
  readonly ms: number
  /** 0 if no answer came. */
  readonly status: number
  readonly headers: Dispatcher.ResponseData['headers']
  readonly text: string
}

export interface Pressure extends AsyncDisposable {
  /** All that was answered so far. */
  readonly answers: readonly Answered[]
  /** Has so many connections to each place, as people have who are there already. Nothing of it is counted. */
  connect(count: number): Promise<void>
  /** Resolves with the first answer from now on that is so. */
  next(isSo: (answer: Answered) => boolean): Promise<Answered>
  /** Asks no more, and resolves when all is answered. */
  stop(): Promise<readonly Answered[]>
}

/** Asks the questions in turn. */
export function startPressure(questions: readonly Question[], perSecond: number): Pressure {
  // More than can be under way: whoever waits here would be counted as waiting there.
  const agent = new Agent({ connections: 2_000, pipelining: 1, keepAliveTimeout: 60_000 })
  const answers: Answered[] = []
  const underWay = new Set<Promise<void>>()
  const waiting = new Set<(answer: Answered) => void>()
  let turn = 0

  const ask = async ({ what, url, headers = {} }: Question): Promise<void> => {
    const askedAtMs = performance.now()
    const came = (status: number, answered: Answered['headers'], text: string): void => {
      const answer = { what, askedAtMs, ms: performance.now() - askedAtMs, status, headers: answered, text }
      answers.push(answer)
      for (const tell of waiting) tell(answer)
    }
    const { origin, pathname, search } = new URL(url)
    try {
      const answer = await agent.request({ origin, path: pathname + search, method: 'GET', headers })
      came(answer.statusCode, answer.headers, await answer.body.text())
    } catch (error) {
      came(0, {}, String(error))
    }
  }

  const timer = setInterval(() => {
    const question = questions[turn++ % questions.length]
    if (question === undefined) return
    const asked: Promise<void> = ask(question).finally(() => underWay.delete(asked))
    underWay.add(asked)
  }, 1_000 / perSecond)

  const stop = async (): Promise<readonly Answered[]> => {
    clearInterval(timer)
    await Promise.all(underWay)
    await agent.destroy()
    return answers
  }

  return {
    answers,
    async connect(count) {
      const origins = new Set(questions.map(({ url }) => new URL(url).origin))
      const touch = async (origin: string): Promise<void> => {
        const { body } = await agent.request({ origin, path: '/healthz', method: 'GET' })
        await body.dump()
      }
      const each = Array.from({ length: count }, () => [...origins].map(touch))
      await Promise.all(each.flat())
    },
    next: (isSo) =>
      new Promise((resolve) => {
        const tell = (answer: Answered): void => {
          if (!isSo(answer)) return
          waiting.delete(tell)
          resolve(answer)
        }
        waiting.add(tell)
      }),
    stop,
    [Symbol.asyncDispose]: async () => void (await stop()),
  }
}

/** How often each status came, by kind of question: `page 200×17 503×3, …` */
export function tally(answers: readonly Answered[]): string {
  const counts = new Map<string, Map<number, number>>()
  for (const { what, status } of answers) {
    const ofKind = counts.get(what) ?? new Map<number, number>()
    counts.set(what, ofKind.set(status, (ofKind.get(status) ?? 0) + 1))
  }
  const lines = [...counts].map(
    ([what, ofKind]) => `${what} ${[...ofKind].map(([status, count]) => `${status}×${count}`).join(' ')}`,
  )
  return lines.sort().join(', ')
}

/** The time below which so much of them stay, in ms: 0.99 for p99. */
export const quantile = (answers: readonly Answered[], share: number): number =>
  Math.round(
    quantileOf(
      answers.map(({ ms }) => ms),
      share,
    ),
  )

/** 0 of none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
