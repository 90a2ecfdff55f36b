#!/usr/bin/env -S MALLOC_ARENA_MAX=1 node --max-semi-space-size=16 --expose-gc
// The command line: hands the process to the commands and turns what they throw into an exit code.
// One heap of the C library for all threads. Of V8 the room that requests under way need, which is half of what it would
// take, and its collector at hand, to give back what a start leaves behind (`serve/startup-memory.ts`).

import { runProgram } from './cli/program.ts'

const signals = { stop: ['SIGTERM', 'SIGINT'], reload: ['SIGHUP'], renew: ['SIGUSR2'] } as const

process.exitCode = await runProgram(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  nodeVersion: process.versions.node,
  stdin: process.stdin,
  ...(process.stderr.isTTY && { terminal: process.stderr }),
  print: (text) => void process.stdout.write(`${text}\n`),
  printError: (text) => void process.stderr.write(`${text}\n`),
  onSignal: (meaning, listener) => {
    for (const signal of signals[meaning]) process.on(signal, listener)
    return () => {
      for (const signal of signals[meaning]) process.off(signal, listener)
    }
  },
})
// What a stopped part may have left open must not keep the process.
process.exit()
