// Asking at a terminal. The library is loaded where something is asked: no other command needs it.

import { Secret } from '#kernel'
import { type CommandContext, CommandExit } from '../command-context.ts'

export interface Prompts {
  text(
    question: string,
    options?: { readonly example?: string; readonly initial?: string | undefined },
  ): Promise<string>
  /** What is typed is not shown. Empty: undefined. */
  secret(question: string): Promise<Secret | undefined>
  choose<T extends string>(question: string, choices: Readonly<Record<T, string>>): Promise<T>
  say(outcome: { readonly ok: boolean; readonly what: string }): void
}

/** Undefined if nobody is there to be asked. */
export async function openPrompts({ stdin, terminal, printError }: CommandContext): Promise<Prompts | undefined> {
  if (!stdin.isTTY || terminal === undefined) return undefined
  const clack = await import('@clack/prompts')
  const place = { input: stdin, output: terminal }

  const answered = <T>(answer: T | typeof clack.CANCEL_SYMBOL): T => {
    if (answer !== clack.CANCEL_SYMBOL) return answer
    printError('Nothing was written.')
    throw new CommandExit(1)
  }

  return {
    text: async (message, { example, initial } = {}) =>
      answered(
        await clack.text({
          message,
          ...place,
          ...(example !== undefined && { placeholder: example }),
          ...(initial !== undefined && { initialValue: initial }),
          validate: (text) => (text?.trim() ? undefined : 'Type an answer.'),
        }),
      ).trim(),
    async secret(message) {
      const typed = answered(await clack.password({ message, ...place }))
      return typed ? new Secret(typed) : undefined
    },
    async choose<T extends string>(message: string, choices: Readonly<Record<T, string>>) {
      const options = Object.entries<string>(choices).map(([value, label]) => ({ value, label }))
      // The values are the keys.
      return answered(await clack.select({ message, options, ...place })) as T
    },
    say: ({ ok, what }) => (ok ? clack.log.success : clack.log.warn)(what, place),
  }
}
