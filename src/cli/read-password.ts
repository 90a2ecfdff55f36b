// Reads a password from whoever runs a command: hidden and twice at a terminal, else the first line of standard input.
// Never from the arguments, which every process of the machine can read.

import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { type CommandContext, CommandExit } from './command-context.ts'

type Terminal = Pick<CommandContext, 'stdin' | 'printError'>

/** @throws CommandExit 1 if none was given, or two different ones */
export async function readPassword(context: Terminal, whose: string): Promise<string> {
  if (!context.stdin.isTTY) return requireSome(context, firstLine(await text(context.stdin)))
  const password = requireSome(context, await ask(context, `New password for ${whose} (it is not shown):`))
  if ((await ask(context, 'Once more:')) === password) return password
  context.printError('The two are not the same. Nothing was changed.')
  throw new CommandExit(1)
}

async function ask({ stdin, printError }: Terminal, question: string): Promise<string> {
  printError(question)
  const silence = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input: stdin, output: silence, terminal: true })
  try {
    return await lines.question('')
  } finally {
    lines.close()
  }
}

const firstLine = (input: string): string => input.split(/\r?\n/, 1)[0] ?? ''

function requireSome({ printError }: Terminal, password: string): string {
  if (password !== '') return password
  printError('No password was given. Type it at the prompt, or pass it as the first line of standard input.')
  throw new CommandExit(1)
}
