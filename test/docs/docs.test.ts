// What the documentation says, held against the program: configurations are right, metrics and events exist, links lead
// somewhere. (That the guide works is `guide.test.ts`; that nginx works, `two-nodes.test.ts`.)

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { formatProblem, loadConfig, toJsonSchema } from '#config'
import { configSchema } from '../../src/modules.ts'
import { startGatewayProcess } from '../gateway/gateway-process.ts'
import { makeDirectory } from '../support/programs.ts'
import { makeKeyPair } from '../support/saml-idp.ts'
import { readGuide } from './guide-text.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const pages = [...globSync('docs/**/*.md', { cwd: root }), 'README.md', ...globSync('*.md', { cwd: root })]
const written = [...new Set(pages)].filter((page) => !/reference\/(configuration|errors)\.md$/.test(page)).sort()
const folder = makeDirectory('docs')
const secret = join(folder, 'secret')
writeFileSync(secret, randomBytes(32).toString('base64'), { mode: 0o600 })

const rsa = makeKeyPair(folder, 'rsa')
const pem = join(root, 'test/fixtures/tls/localhost.pem')
const pemKey = join(root, 'test/fixtures/tls/localhost-key.pem')

/** Secrets and certificates of the examples are files that only their readers have. */
const withOurSecrets = (yaml: string): string =>
  yaml
    .replaceAll(/\{ file: [^}]+ \}/g, `{ file: ${secret} }`)
    .replaceAll(/(certificate|ca): \/[^\s,}]+/g, (_path, name) => `${name}: ${pem}`)
    .replaceAll(/key: \/[^\s,}]+/g, `key: ${pemKey}`)
    .replaceAll(/certificates: \[\/[^\]]+\]/g, `certificates: [${rsa.certificateFile}]`)
const [smallest = ''] = readGuide('docs/guide/put-it-before-your-service.md').blocks('yaml')

const sections = Object.keys(toJsonSchema(configSchema).properties ?? {})

describe('the documentation', () => {
  for (const page of written) {
    for (const [index, block] of readGuide(page).blocks('yaml').entries()) {
      // Some show a part of a section only.
      if (!sections.some((section) => new RegExp(`^${section}:`, 'm').test(block))) continue
      test(`${page}: configuration ${index + 1} is right, over the smallest one`, () => {
        const files = [smallest, block].map((yaml, at) => ({ name: `block-${at}.yaml`, text: withOurSecrets(yaml) }))
        const loaded = loadConfig({ files, env: {}, schema: configSchema, cwd: folder })
        assert.ok(loaded.ok, loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n'))
      })
    }

    test(`${page}: its links lead somewhere`, () => {
      const text = readFileSync(join(root, page), 'utf8')
      for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
        if (/^https?:/.test(target)) continue
        const [path = '', anchor] = target.split('#')
        const file = path === '' ? join(root, page) : join(root, dirname(page), path)
        assert.ok(existsSync(file), `${target} is there`)
        if (anchor !== undefined)
          assert.ok(anchorsOf(readFileSync(file, 'utf8')).includes(anchor), `${target} is there`)
      }
    })
  }

  test('every metric is described, and every one described exists', async () => {
    // With several processes and a way for mails, so that those about them are there too.
    await using gateway = await startGatewayProcess({
      config: {
        server: { processes: 2, url: 'https://gate.test' },
        telemetry: { metrics: { listen: '127.0.0.1:0' } },
        mail: { from: 'gate@lab.test', file: join(folder, 'mails') },
      },
    })
    const { metrics } = await gateway.said('ready')
    const exposed = await (await fetch(String(metrics))).text()
    const page = readFileSync(join(root, 'docs/operate/logs-and-metrics.md'), 'utf8')
    const own = namesIn(exposed, /^# TYPE (gatehouse_\w+) /gm)
    assert.deepEqual([...own].sort(), [...namesIn(page, /`(gatehouse_[a-z_]+)`/g)].sort())
  })

  test('every event described exists', () => {
    const source = globSync('src/**/*.ts', { cwd: root })
      .map((file) => readFileSync(join(root, file), 'utf8'))
      .join()
    const names = readGuide('docs/operate/logs-and-metrics.md')
      .table('event')
      .map(([cell]) => cell)
    for (const name of names.join(', ').split(', ')) {
      assert.ok(source.includes(`'${name.replaceAll('`', '')}'`), `the event ${name} exists`)
    }
  })

  test('every page is in the index, which says what it is for', () => {
    const index = readFileSync(join(root, 'docs/README.md'), 'utf8')
    for (const page of pages.filter((each) => /^docs\/[^/]+\/[^/]+\.md$/.test(each))) {
      assert.ok(index.includes(`](${page.slice('docs/'.length)})`), `${page} is in docs/README.md`)
    }
  })

  test('every decision is in the list', () => {
    const list = readFileSync(join(root, 'docs/develop/decisions/README.md'), 'utf8')
    for (const file of globSync('docs/develop/decisions/0*.md', { cwd: root })) {
      assert.ok(list.includes(`(${file.split('/').at(-1)})`), `${file} is listed`)
      const lines = readFileSync(join(root, file), 'utf8').split('\n').length
      assert.ok(lines <= 60, `${file} is one page`)
    }
  })
})

const namesIn = (text: string, pattern: RegExp): ReadonlySet<string> =>
  new Set([...text.matchAll(pattern)].map(([, name]) => name ?? ''))

/** As GitHub makes them. */
const anchorsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
      .replaceAll(' ', '-'),
  )
