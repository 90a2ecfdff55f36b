// Each rule of the tree, planted in a small tree of its own: the check must see it and name file, line and rule.

import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { checkRanks } from './check-ranks.ts'

/** A tree that breaks no rule, with one allowed thing of each kind. */
const SOUND = {
  'src/kernel/index.ts': "import { inspect } from 'node:util'\nexport const secret = inspect\n",
  'src/config/index.ts': "import { secret } from '#kernel'\nexport const config = [secret, process.env.HOME]\n",
  'src/http/index.ts':
    "import { config } from '#config'\nimport fastify from 'fastify'\nexport const http = [config, fastify]\n",
  'src/http/server.ts': "import { part } from './part.ts'\nexport const server = part\n",
  'src/http/part.ts': "import type { server } from './server.ts'\nexport const part: typeof server = 1\n",
  'src/storage/seal.ts': "import { createCipheriv } from 'node:crypto'\nexport const seal = createCipheriv\n",
  'src/jobs/index.ts': "import { http } from '#http'\nexport const jobs = http\n",
  'src/jobs/index.test.ts':
    "import '../../test/support/clock.ts'\nexport const home = await process.env.HOME\ntest('a', async () => await home)\n",
  'src/forms/index.ts':
    '// oxlint-disable-next-line no-console -- a terminal is all there is\nexport const forms = 1\n',
  'src/proxy/index.ts': 'export const proxy = 1\n',
  'src/compute/index.ts': "import { proxy } from '#proxy'\nexport const compute = proxy\n",
  'src/gateway.ts': "import { jobs } from '#jobs'\nexport const gateway = jobs\n",
  'src/cli/run.ts': "import { gateway } from '../gateway.ts'\nexport const run = gateway\n",
  'test/support/clock.ts':
    "import { secret } from '#kernel'\nimport { gateway } from '../../src/gateway.ts'\nexport { secret, gateway }\n",
}

const PLANTED: readonly { what: string; files: Record<string, string>; says: RegExp }[] = [
  {
    what: 'an upward import',
    files: { 'src/http/up.ts': "\nimport { jobs } from '#jobs'\nexport const up = jobs\n" },
    says: /^src\/http\/up\.ts:2 \[upward\] imports #jobs: http \(rank 1\) may not import jobs \(rank 4\)$/,
  },
  {
    what: 'an upward import of a type',
    files: { 'src/http/up.ts': "export type Up = import('#jobs').Jobs\n" },
    says: /^src\/http\/up\.ts:1 \[upward\]/,
  },
  {
    what: 'an import against the order inside a rank',
    files: { 'src/config/up.ts': "import { http } from '#http'\nexport const up = http\n" },
    says: /^src\/config\/up\.ts:1 \[upward\] imports #http: http comes after config in rank 1$/,
  },
  {
    what: 'a sideways import between features',
    files: { 'src/forms/side.ts': "import { jobs } from '#jobs'\nexport const side = jobs\n" },
    says: /^src\/forms\/side\.ts:1 \[sideways\] imports #jobs: forms and jobs are both of rank 4; declare a port instead$/,
  },
  {
    what: 'an import of a feature by what features stand on',
    files: { 'src/proxy/up.ts': "import { jobs } from '#jobs'\nexport const up = jobs\n" },
    says: /^src\/proxy\/up\.ts:1 \[upward\] imports #jobs: proxy \(rank 3\) may not import jobs \(rank 4\)$/,
  },
  {
    what: 'an import past an index',
    files: { 'src/jobs/deep.ts': "import { server } from '../http/server.ts'\nexport const deep = server\n" },
    says: /^src\/jobs\/deep\.ts:1 \[past-index\] imports \.\.\/http\/server\.ts: reach http through its index\.ts, as #http$/,
  },
  {
    what: 'an import past an index by name',
    files: { 'bench/deep.ts': "export { server } from '#http/server.ts'\n" },
    says: /^bench\/deep\.ts:1 \[past-index\]/,
  },
  {
    what: 'two files that import each other',
    files: {
      'src/jobs/a.ts': "import { b } from './b.ts'\nexport const a = () => b\n",
      'src/jobs/b.ts': "import { a } from './a.ts'\nexport const b = () => a\n",
    },
    says: /^src\/jobs\/a\.ts \[cycle\] files import each other: src\/jobs\/a\.ts → src\/jobs\/b\.ts → src\/jobs\/a\.ts$/,
  },
  {
    what: 'a cycle whose types are imported beside values',
    files: {
      'src/jobs/a.ts': "import { type B } from './b.ts'\nexport type A = B\n",
      'src/jobs/b.ts': "export { type A } from './a.ts'\n",
    },
    says: /^src\/jobs\/a\.ts \[cycle\]/,
  },
  {
    what: 'folders that know each other by types only',
    files: {
      'src/kernel/up.ts': "import type { http } from '#http'\nexport type Up = typeof http\n",
      'src/http/down.ts': "import { secret } from '#kernel'\nexport const down = secret\n",
    },
    says: /^src\/http \[cycle\] folders import each other \(types count\): http → (config → )?kernel → http$/,
  },
  {
    what: 'a package in the kernel',
    files: { 'src/kernel/zod.ts': "import { z } from 'zod'\nexport const schema = z\n" },
    says: /^src\/kernel\/zod\.ts:1 \[kernel-alone\]/,
  },
  {
    what: 'the HTTP framework elsewhere',
    files: {
      'src/jobs/serve.ts': "import type { FastifyInstance } from 'fastify'\nexport type Server = FastifyInstance\n",
    },
    says: /^src\/jobs\/serve\.ts:1 \[home\] imports fastify: the HTTP framework stays inside src\/http$/,
  },
  {
    what: 'the environment elsewhere',
    files: { 'src/jobs/env.ts': '\n\nexport const home = process.env.HOME\n' },
    says: /^src\/jobs\/env\.ts:3 \[home\] uses process\.env, which stays inside src\/config, src\/main\.ts$/,
  },
  {
    what: 'the environment under another name',
    files: { 'src/jobs/env.ts': "import { env } from 'node:process'\nexport const home = env.HOME\n" },
    says: /^src\/jobs\/env\.ts:1 \[home\] uses process\.env/,
  },
  {
    what: 'a cipher elsewhere',
    files: {
      'src/sessions/seal.ts': "import { createCipheriv } from 'node:crypto'\nexport const seal = createCipheriv\n",
    },
    says: /^src\/sessions\/seal\.ts:1 \[home\] uses a symmetric cipher, which stays inside src\/storage, src\/backend-ai$/,
  },
  {
    what: 'the web app inside the server',
    files: {
      'src/site/app.ts': "export { app } from '../../web/src/app.tsx'\n",
      'web/src/app.tsx': 'export const app = <p>hi</p>\n',
    },
    says: /^src\/site\/app\.ts:1 \[web\]/,
  },
  {
    what: 'the server inside the web app',
    files: { 'web/src/api.ts': "export type { gateway } from '../../src/gateway.ts'\n" },
    says: /^web\/src\/api\.ts:1 \[web\]/,
  },
  {
    what: 'test code in the product',
    files: { 'src/jobs/fake.ts': "export { secret } from '../../test/support/clock.ts'\n" },
    says: /^src\/jobs\/fake\.ts:1 \[test-code\]/,
  },
  {
    what: 'a folder without a rank',
    files: { 'src/utils/index.ts': 'export const utils = 1\n' },
    says: /^src\/utils\/index\.ts \[place\] src\/utils has no rank/,
  },
  {
    what: 'a lint rule switched off without a reason',
    files: { 'src/jobs/quiet.ts': '// oxlint-disable-next-line no-console\nexport const quiet = 1\n' },
    says: /^src\/jobs\/quiet\.ts:1 \[reason\]/,
  },
  {
    what: 'a test file that waits after its first test',
    files: { 'src/jobs/late.test.ts': "test('a', () => {})\nconst redis = await startRedis()\ntest('b', () => {})\n" },
    says: /^src\/jobs\/late\.test\.ts:2 \[lost-tests\]/,
  },
  {
    what: 'one that does so from the second round of a loop on',
    files: { 'src/jobs/late.test.ts': "for (const kind of kinds) {\n  await start(kind)\n  test('a', () => {})\n}\n" },
    says: /^src\/jobs\/late\.test\.ts:2 \[lost-tests\]/,
  },
]

test('a sound tree has no violations', (t) => {
  assert.deepEqual(checkPlanted(t, {}), [])
})

for (const { what, files, says } of PLANTED) {
  test(`sees ${what}`, (t) => {
    const lines = checkPlanted(t, files)
    assert.ok(
      lines.some((line) => says.test(line)),
      `${says} is not among:\n${lines.join('\n')}`,
    )
  })
}

test('refuses to call an empty folder sound', (t) => {
  const root = temporaryFolder(t)
  assert.throws(() => checkRanks(root), /holds no sources/)
})

test('refuses a file that does not parse', (t) => {
  assert.throws(
    () => checkPlanted(t, { 'src/jobs/broken.ts': 'export const = 1\n' }),
    /src\/jobs\/broken\.ts does not parse/,
  )
})

function checkPlanted(t: CleanUp, files: Record<string, string>): readonly string[] {
  const root = temporaryFolder(t)
  for (const [path, text] of Object.entries({ ...SOUND, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return checkRanks(root).map(({ where, rule, message }) => `${where} [${rule}] ${message}`)
}

interface CleanUp {
  after(fn: () => void): void
}

function temporaryFolder(t: CleanUp): string {
  const root = mkdtempSync(join(tmpdir(), 'ranks-'))
  t.after(() => rmSync(root, { recursive: true }))
  return root
}
