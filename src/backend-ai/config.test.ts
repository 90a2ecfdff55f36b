import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { composeSchema, formatProblem, loadConfig } from '#config'
import { backendAiConfig } from './config.ts'

const schema = composeSchema({ backendAi: backendAiConfig })

function load(text: string) {
  const directory = mkdtempSync(join(tmpdir(), 'gatehouse-backend-ai-'))
  try {
    const file = join(directory, 'gatehouse.yaml')
    writeFileSync(file, text)
    return loadConfig({ files: [file], env: {}, schema, cwd: '/' })
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function sectionOf(text: string) {
  const loaded = load(text)
  assert.ok(loaded.ok)
  return loaded.config.backendAi
}

/** As an operator reads them. */
function problemsOf(text: string): string {
  const loaded = load(text)
  return loaded.ok ? '' : loaded.problems.map(formatProblem).join('\n')
}

const section = (...lines: readonly string[]): string =>
  ['backendAi:', '  manager: { to: http://m:8081 }', ...lines.map((line) => `  ${line}`)].join('\n')

test('without the section there is nothing, and a Manager is all that the section needs', () => {
  assert.equal(sectionOf('{}'), undefined)
  const config = sectionOf(section())
  assert.ok(config)
  assert.equal(config.profile, '26.2')
  assert.deepEqual(config.manager.to, [{ url: 'http://m:8081', weight: 1 }])
  assert.equal(config.session.maxAge, undefined)
  assert.equal(config.manager.timeouts.firstByte, 600_000)
  assert.equal(config.webUi, undefined)
})

test('a domain can stand in a header', () => {
  const naming = (domain: string) => ['backendAi:', `  manager: { to: http://m:8081, domain: "${domain}" }`].join('\n')
  for (const domain of ['default', 'Lab of Ada', 'a']) assert.equal(sectionOf(naming(domain))?.manager.domain, domain)
  for (const domain of ['', ' a', 'a ', 'Labör', 'a\\nb']) {
    assert.match(problemsOf(naming(domain)), /visible ASCII/, domain)
  }
})

test('a profile is text, and what is written as a number is to be quoted', () => {
  assert.match(
    problemsOf(section('profile: 26.4')),
    /it should be text, and is a number\n.*write it in quotes: '26\.4'/,
  )
  assert.match(problemsOf(section("profile: '26.3'")), /"26\.3" is not one of 26\.2, 26\.4, 26\.8/)
})

test('from 26.4 on the records of logins are shared', () => {
  assert.match(problemsOf(section("profile: '26.8'")), /backendAi\.sharedRedis\n.*\n.*share the records of logins/)
  assert.equal(problemsOf(section("profile: '26.8'", 'sharedRedis: { type: redis, url: redis://localhost }')), '')
})

test('a policy that is not known, a source that is two, and a directive of nobody are refused', () => {
  assert.match(problemsOf(section('security: { requestPolicies: [reject_everything] }')), /requestPolicies\[0\]/)
  assert.match(problemsOf(section('security: { responsePolicies: [nosniff] }')), /responsePolicies\[0\]/)
  assert.match(
    problemsOf(section(`security: { csp: { default-src: ["'self' data:"] } }`)),
    /default-src\[0\]\n.*\n.*a source has no spaces/,
  )
  assert.match(problemsOf(section('security: { csp: { defaultSrc: [data:] } }')), /did you mean "default-src"/)
})
