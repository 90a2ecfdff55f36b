// `make audit`: asks the registry which of the packages that ship, in the versions of the lock file, have known holes.
// `make check` asks as well, and lets a registry pass that cannot say.
//
// Exit code 0: none is known. 1: some are, and are named. 2: nobody could say, which is not the same as none.

import { execFile } from 'node:child_process'
import { z } from 'zod'
import { parseJson } from '#kernel'

export interface AuditAnswer {
  readonly exitCode: 0 | 1 | 2
  readonly text: string
}

const count = z.object({ total: z.number() })
const report = z.object({
  vulnerabilities: z.record(
    z.string(),
    z.object({ name: z.string(), severity: z.string(), range: z.string(), via: z.array(z.unknown()) }),
  ),
  metadata: z.object({ vulnerabilities: count, dependencies: count }),
})
const refusal = z.object({ message: z.string() })
const advisory = z.object({ title: z.string(), url: z.string() })

/** @param output of `npm audit --json` */
export function readAudit(output: string): AuditAnswer {
  const said = parseJson(output)
  const { success, data } = report.safeParse(said)
  if (!success) {
    const { data: refused } = refusal.safeParse(said)
    const why = refused?.message ?? 'npm gave no answer'
    const advice = 'Nobody knows, then: ask again where the registry of npm itself can be reached.'
    return { exitCode: 2, text: `The registry does not say which packages have known holes (${why}). ${advice}` }
  }
  const { vulnerabilities, metadata } = data
  const asked = `${metadata.dependencies.total} packages`
  if (metadata.vulnerabilities.total === 0) return { exitCode: 0, text: `No hole is known in any of ${asked}.` }
  const lines = Object.values(vulnerabilities).map(({ name, range, severity, via }) => {
    const known = via.flatMap((each) => advisory.safeParse(each).data ?? [])
    const because = known.map(({ title, url }) => `\n    ${title}: ${url}`).join('')
    return `  ${severity}  ${name} ${range}${because}`
  })
  return { exitCode: 1, text: [`Of ${asked}, these have known holes:`, ...lines].join('\n') }
}

/** @param args beside what makes npm look at what ships */
export async function askRegistry(args: readonly string[] = []): Promise<AuditAnswer> {
  const { promise, resolve } = Promise.withResolvers<string>()
  // What npm says is the same whether it ends well or not.
  execFile('npm', ['audit', '--json', '--omit=dev', ...args], { timeout: 120_000 }, (_error, said) => resolve(said))
  return readAudit(await promise)
}

if (import.meta.main) {
  const { text, exitCode } = await askRegistry()
  console.log(text)
  // Not every registry can say, and nobody should be kept from working by that.
  process.exitCode = exitCode === 2 && process.argv.includes('--or-unknown') ? 0 : exitCode
}
