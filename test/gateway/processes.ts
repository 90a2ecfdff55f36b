// Load on a gateway of several processes, by clients that keep their connections as proxies in front do.

import { Agent, request } from 'node:http'

export interface Load {
  /** Ends it. @returns how many requests were answered with 200, and what became of the others. */
  stop(): Promise<{ readonly answered: number; readonly failures: readonly string[] }>
  /** Resolves when so many more have been answered. */
  goesOnFor(requests: number): Promise<void>
}

export function startLoad(url: string, clients = 8): Load {
  const failures: string[] = []
  const waiting = new Set<{ readonly at: number; readonly resolve: () => void }>()
  let answered = 0
  let isOver = false

  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    while (!isOver) {
      const outcome = await ask(url, agent).catch((error: NodeJS.ErrnoException) => `${error.code} ${error.message}`)
      if (outcome === 200) answered++
      else failures.push(String(outcome))
      for (const each of waiting) if (answered >= each.at) each.resolve()
    }
    agent.destroy()
  }
  const all = Promise.all(Array.from({ length: clients }, client))

  return {
    async stop() {
      isOver = true
      await all
      return { answered, failures }
    },
    async goesOnFor(requests: number) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const entry = { at: answered + requests, resolve }
      waiting.add(entry)
      await promise
      waiting.delete(entry)
    },
  }
}

const ask = (url: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const sent = request(url, { agent }, (answer) => {
      answer.resume().once('error', reject)
      answer.once('end', () => resolve(answer.statusCode ?? 0))
    })
    sent.once('error', reject)
    sent.end()
  })
