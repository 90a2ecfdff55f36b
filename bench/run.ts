// `make bench`: measures, prints tables, and keeps the numbers in bench/results/. Not a test: what a shared machine
// measures is looked at by a person, and ratios within one run are what can be compared.
//
//   node bench/run.ts [--rounds N] [--seconds N] [SCENARIO …]

import { mkdirSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus } from 'node:os'
import { parseArgs } from 'node:util'
import { build } from '../scripts/build.ts'
import { drawChart } from './chart.ts'
import { BUILD } from './gatehouse.ts'
import type { Rounds } from './measure.ts'
import type { Finding, Outcome } from './scenarios/scenario.ts'
import { scenarios } from './scenarios.ts'
import { startUpstream } from './upstream.ts'

async function main(names: readonly string[], rounds: Rounds): Promise<void> {
  const outcomes: Record<string, Outcome> = {}
  await build(BUILD)
  const upstream = await startUpstream()
  try {
    for (const name of names) {
      const scenario = scenarios[name]
      if (scenario === undefined) throw new Error(`there is no ${name}; known: ${Object.keys(scenarios).join(', ')}`)
      console.log(`\n${name}`)
      const outcome = await scenario(upstream, rounds)
      print(outcome)
      outcomes[name] = outcome
    }
  } finally {
    await upstream.stop()
  }
  console.log(`\nkept in ${keep(outcomes, rounds)}`)
}

function print({ measurements, findings }: Outcome): void {
  if (measurements.length > 0) {
    console.table(
      measurements.map((row) => ({
        proxy: row.peer,
        requests: row.requests,
        'CPU µs/request': round(row.cpuUsPerRequest),
        'CPU ms/MiB': round(row.cpuMsPerMiB, 3),
        'p50 ms': round(row.p50Ms),
        'p99 ms': round(row.p99Ms),
        'RSS MiB': round(row.rssMiB, 0),
        failures: row.failures,
      })),
    )
  }
  console.table(
    findings.map((finding) => ({ what: finding.what, found: round(finding.value, 2), ...verdict(finding) })),
  )
}

const verdict = ({ value, limit }: Finding) =>
  limit === undefined ? {} : { 'at most': limit, holds: value <= limit ? 'yes' : 'NO' }

const round = (value: number, digits = 1): number => Number(value.toFixed(digits))

/** @returns the path of the numbers; their drawing lies beside them */
function keep(outcomes: Readonly<Record<string, Outcome>>, rounds: Rounds): string {
  const at = new Date().toISOString()
  const machine = { node: process.version, cpu: cpus()[0]?.model, cores: availableParallelism() }
  const folder = new URL('results/', import.meta.url)
  const name = at.slice(0, 19).replaceAll(':', '')
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify({ at, machine, rounds, outcomes }, undefined, 2)}\n`)
  writeFileSync(new URL(`${name}.svg`, folder), drawChart(outcomes, TITLES))
  return `bench/results/${name}.json`
}

const TITLES: Readonly<Record<string, string>> = {
  small: 'CPU of a small GET: signed in a session, beside forwarded without any check',
  body: 'CPU of an answer of 64 MiB',
  upload: 'CPU of an upload of 64 MiB',
  verify: 'CPU of a question of a proxy in front, beside nginx forwarding it',
  'backend-ai': 'CPU of a call at /func/, a login before every 1,000 of them, beside a small GET',
  sessions: 'CPU of a small GET, by the number of stored sessions',
  processes: 'CPU of a small GET, by the number of processes',
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '5' }, seconds: { type: 'string', default: '4' } },
})

await main(positionals.length > 0 ? positionals : Object.keys(scenarios), {
  count: Number(values.rounds),
  seconds: Number(values.seconds),
})
