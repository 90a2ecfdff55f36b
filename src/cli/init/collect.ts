// Goes through the questions: an answer is tried as soon as it is there; at a terminal one that fails can be given again, or
// kept where only the trial says so.

import type { Outcome } from '../probe/outcome.ts'
import type { Answers } from './answers.ts'
import type { InitFlags } from './flags.ts'
import type { Prompts } from './prompts.ts'
import { type Topic, topics } from './topics.ts'
import type { Trials } from './try-answers.ts'

export interface TriedAnswer {
  readonly question: keyof Answers
  readonly outcome: Outcome
}

export interface Collected {
  readonly answers: Answers
  readonly tried: readonly TriedAnswer[]
}

/** The options without which nothing can be written where nobody can be asked. */
export const findMissing = (flags: InitFlags): readonly string[] =>
  Object.values(topics).flatMap(({ lacks }) => lacks(flags))

/** @param prompts undefined: the flags have all the answers */
export async function collect(flags: InitFlags, trials: Trials, prompts: Prompts | undefined): Promise<Collected> {
  const tried: TriedAnswer[] = []

  const settle = async <Key extends keyof Answers>(question: Key): Promise<Answers[Key]> => {
    const topic: Topic<Answers[Key]> = topics[question]
    const test = trials[question] as (answer: Answers[Key]) => Promise<Outcome>
    let known = flags
    for (;;) {
      const answer = prompts === undefined ? topic.read(known) : await topic.ask(prompts, known)
      const outcome = await test(answer)
      prompts?.say(outcome.ok ? outcome : { ok: false, what: `${outcome.what}\nTo do: ${outcome.fix}` })
      if (prompts === undefined || outcome.ok || (await choose(prompts)) === 'keep') {
        tried.push({ question, outcome })
        return answer
      }
      // What was given on the command line is what failed.
      known = {}
    }
  }

  const answers = {
    url: await settle('url'),
    login: await settle('login'),
    service: await settle('service'),
    allow: await settle('allow'),
    state: await settle('state'),
  }
  return { answers, tried }
}

const choose = (prompts: Prompts): Promise<'again' | 'keep'> =>
  prompts.choose('What now?', { again: 'Answer again', keep: 'Keep the answer: it will be right later' })
