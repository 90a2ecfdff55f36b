// Questions and answers between the supervisor and its workers, over the channel that Node opens between them.

import type { MetricReading } from '#telemetry'

/** What a worker is asked, with what it answers. */
export interface Questions {
  start: { readonly ask: WorkerStart; readonly answer: WorkerReady }
  /** Makes everything that the configuration can change anew, beside what answers now. */
  prepare: { readonly ask: ConfigTexts; readonly answer: null }
  commit: { readonly ask: null; readonly answer: null }
  discard: { readonly ask: null; readonly answer: null }
  metrics: { readonly ask: null; readonly answer: readonly MetricReading[] }
  /** The last of its metrics. */
  stop: { readonly ask: { readonly isReplaced: boolean }; readonly answer: readonly MetricReading[] }
}

/** A configuration as the supervisor read it, so that all workers have the same whatever is on the disk or in etcd by then. */
export interface ConfigTexts {
  readonly files: readonly string[]
  readonly texts: readonly (readonly [path: string, text: string])[]
  readonly etcd?: { readonly prefix: string; readonly entries: readonly (readonly [key: string, text: string])[] }
}

export interface WorkerStart extends ConfigTexts {
  readonly number: number
  /** The first one of all: what another process left behind is its to clear away. */
  readonly isFirst: boolean
  readonly systemdDescriptors: readonly number[]
}

export interface WorkerReady {
  readonly url: string
  readonly basePath: string
  readonly listening: readonly string[]
}

type Kind = keyof Questions

interface Question<K extends Kind = Kind> {
  readonly gatehouse: 'question'
  readonly id: number
  readonly kind: K
  readonly ask: Questions[K]['ask']
}

type Reply =
  | { readonly gatehouse: 'reply'; readonly id: number; readonly answer: unknown }
  | { readonly gatehouse: 'reply'; readonly id: number; readonly error: string }

/** One end of the channel: a worker as the supervisor sees it, or the worker's own process. */
export interface ChannelEnd {
  send?(message: object, done: (error: Error | null) => void): unknown
  on(event: 'message', listener: (message: unknown) => void): unknown
}

/** The supervisor's end. @param ended rejects when there will be no more answers. */
export function createAsker(end: ChannelEnd, ended: Promise<never>) {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>()
  let lastId = 0
  end.on('message', (message) => {
    if (!isReply(message)) return
    const question = waiting.get(message.id)
    waiting.delete(message.id)
    if ('error' in message) question?.reject(new Error(message.error))
    else question?.resolve(message.answer)
  })

  /** @throws what the worker says, or that it has ended. */
  return async <K extends Kind>(kind: K, ask: Questions[K]['ask']): Promise<Questions[K]['answer']> => {
    lastId++
    const question = Promise.withResolvers<unknown>()
    waiting.set(lastId, question)
    const message: Question<K> = { gatehouse: 'question', id: lastId, kind, ask }
    end.send?.(message, (error) => error && question.reject(error))
    return (await Promise.race([question.promise, ended])) as Questions[K]['answer']
  }
}

export type Answers = { readonly [K in Kind]: (ask: Questions[K]['ask']) => Promise<Questions[K]['answer']> }

/** The worker's end. @param onAnswered called when a reply is out. */
export function answerQuestions(
  end: ChannelEnd,
  answers: Answers,
  explain: (error: unknown) => string,
  onAnswered: (kind: Kind, isDone: boolean) => void,
): void {
  end.on('message', (message) => {
    if (!isQuestion(message)) return
    const { id, kind, ask } = message
    const reply = (what: { readonly answer: unknown } | { readonly error: string }): void => {
      const text: Reply = { gatehouse: 'reply', id, ...what }
      end.send?.(text, () => onAnswered(kind, 'answer' in what))
    }
    const answer = answers[kind] as (ask: unknown) => Promise<unknown>
    answer(ask).then(
      (value) => reply({ answer: value }),
      (error: unknown) => reply({ error: explain(error) }),
    )
  })
}

const isOurs = (message: unknown): message is { readonly gatehouse: unknown } =>
  typeof message === 'object' && message !== null && 'gatehouse' in message

const isQuestion = (message: unknown): message is Question => isOurs(message) && message.gatehouse === 'question'
const isReply = (message: unknown): message is Reply => isOurs(message) && message.gatehouse === 'reply'
