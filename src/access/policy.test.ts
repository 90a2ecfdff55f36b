import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { UserId } from '#kernel'
import type { PolicyRule, Principal } from './access.ts'
import { compilePolicy, policyRulesSchema } from './policy.ts'
import { otherReadings } from './readings.ts'

const person = (groups: readonly string[], provider = 'sso', subject = 'ada'): Principal => ({
  userId: 'u1' as UserId,
  provider,
  subject,
  username: subject,
  displayName: subject,
  groups,
  isAdmin: false,
  isPending: false,
})

const allows = (rules: readonly PolicyRule[], method: string, path: string, principal?: Principal): boolean =>
  compilePolicy('manager', rules).decide({ method, path }, principal).allow

test('each kind of allow entry lets in exactly whom it names', () => {
  const ada = person(['lab', 'a:b', ' x '])
  const table: readonly (readonly [string, Principal | undefined, boolean])[] = [
    ['public', undefined, true],
    ['public', ada, true],
    ['authenticated', undefined, false],
    ['authenticated', ada, true],
    ['group:lab', undefined, false],
    ['group:lab', ada, true],
    ['group:Lab', ada, false],
    ['group:la', ada, false],
    ['group:a:b', ada, true],
    ['group: x ', ada, true],
    ['group:x', ada, false],
    ['user:sso/ada', ada, true],
    ['user:sso/ada', undefined, false],
    ['user:sso/Ada', ada, false],
    ['user:other/ada', ada, false],
    ['user:a/b/c', person([], 'a', 'b/c'), true],
    ['user:a/b/c', person([], 'a/b', 'c'), false],
    ['group:__proto__', ada, false],
    ['group:constructor', ada, false],
    ['lab', ada, false],
  ]
  for (const [entry, principal, expected] of table) {
    assert.equal(
      allows([{ allow: [entry] }], 'GET', '/', principal),
      expected,
      `${entry} for ${principal?.groups.join()}`,
    )
  }
})

test('the first rule whose method and path match decides', () => {
  const rules: readonly PolicyRule[] = [
    { methods: ['GET'], paths: ['/open/**'], allow: ['public'] },
    { paths: ['/admin/**'], allow: ['group:admins'] },
    { methods: ['DELETE'], allow: [] },
    { paths: ['/folders/*'], allow: ['authenticated'] },
  ]
  const ada = person([])
  const root = person(['admins'])
  const table: readonly (readonly [string, string, Principal | undefined, boolean])[] = [
    ['GET', '/open/x', undefined, true],
    ['HEAD', '/open/x', undefined, true],
    ['POST', '/open/x', root, false],
    ['GET', '/admin', ada, false],
    ['GET', '/admin/x', root, true],
    ['DELETE', '/folders/1', root, false],
    ['DELETE', '/admin/x', root, true],
    ['get', '/open/x', undefined, false],
    ['GET', '/folders/1', ada, true],
    ['GET', '/folders/1/2', root, false],
    ['GET', '/elsewhere', root, false],
  ]
  for (const [method, path, principal, expected] of table) {
    assert.equal(allows(rules, method, path, principal), expected, `${method} ${path}`)
  }
})

test('an earlier rule guards its paths in every spelling that a server behind might read as them', () => {
  const rules: readonly PolicyRule[] = [
    { paths: ['/admin/**', '/jobs:purge', '/teams/*/keys'], allow: ['group:admins'] },
    { allow: ['authenticated'] },
  ]
  const spellings = [
    '/admin;x=1',
    '/admin;x/users',
    '//admin',
    '//admin//users',
    '/admin%2Fusers',
    '/admin%2fusers',
    '/admin%3Bx/users',
    '/jobs%3Apurge',
    '/jobs%3apurge/',
    '/jobs:purge/',
    '/jobs:purge;v=1',
    '/teams/1/keys/',
    '/teams;a=1/2;b=2/keys;c',
    '/teams%2F1%2Fkeys',
    '/teams%2F1%2Fkeys;v=a%2Fb',
    '/admin%2F%2F',
  ]
  for (const path of spellings) {
    assert.equal(allows(rules, 'GET', path, person([])), false, path)
    assert.equal(allows(rules, 'GET', path, person(['admins'])), true, path)
  }
  for (const path of ['/', '/admins', '/x/admin;y', '/teams/g%2Fp/members', '/jobs', '/a//b']) {
    assert.equal(allows(rules, 'GET', path, person([])), true, path)
  }
})

test('an encoded slash stays inside its segment where no earlier rule is at stake', () => {
  assert.equal(
    allows([{ paths: ['/projects/*'], allow: ['authenticated'] }], 'GET', '/projects/g%2Fp', person([])),
    true,
  )
})

test('a refusal says which rule, what would be enough and whom to ask', () => {
  const rules: readonly PolicyRule[] = [
    { methods: ['GET'], paths: ['/a'], allow: ['group:lab', 'group:staff', 'user:sso/grace'] },
    { paths: ['/b'], allow: ['user:sso/grace'] },
    { paths: ['/c'], allow: [] },
  ]
  const policy = compilePolicy('manager', rules, 'the user office')
  const because = (path: string, principal?: Principal): string => {
    const decision = policy.decide({ method: 'GET', path }, principal)
    return decision.allow ? assert.fail('allowed') : decision.because
  }
  assert.deepEqual(policy.decide({ method: 'GET', path: '/a' }, person([])), {
    allow: false,
    because:
      'Rule 1 of manager (GET, /a) needs one of the groups lab, staff, and your account is in none of them. ' +
      'Whom to ask: the user office',
    loginMayHelp: false,
    missing: ['group:lab', 'group:staff', 'user:sso/grace'],
    rule: 'rule 1 of manager (GET, /a)',
  })
  assert.match(because('/b', person([])), /people named there/)
  assert.doesNotMatch(because('/b', person([])), /grace/)
  assert.match(because('/c', person([])), /lets nobody in/)
  assert.match(because('/d', person([])), /No rule of manager covers/)
  assert.match(because('/a'), /logged in/)
  assert.doesNotMatch(because('/a'), /lab/)
  assert.deepEqual(policy.decide({ method: 'GET', path: '/a' }, person(['staff'])), {
    allow: true,
    rule: 'rule 1 of manager (GET, /a): group:staff',
  })
})

test('rules that do not parse are refused with their path and a reason', () => {
  assert.deepEqual(issuesOf([{ allow: ['group:lab', 'authenticated', 'public', 'user:sso/8f/2'] }]), [])
  assert.deepEqual(issuesOf([{ methods: ['GET'], paths: ['/**'], allow: [] }]), [])
  assert.match(
    issuesOf([{ allow: ['lab'] }])[0] ?? '',
    /^0\.allow\.0: "lab" is not one of .* did you mean "group:lab"\?$/,
  )
  const broken: readonly unknown[] = [
    [],
    [{}],
    [{ allow: ['group:'] }],
    [{ allow: ['user:sso'] }],
    [{ allow: ['user:/x'] }],
    [{ allow: ['user:sso/'] }],
    [{ allow: ['Public'] }],
    [{ allow: 'public' }],
    [{ allow: [7] }],
    [{ allow: [], methods: [] }],
    [{ allow: [], methods: ['get'] }],
    [{ allow: [], paths: [] }],
    [{ allow: [], paths: ['x'] }],
    [{ allow: [], pahts: ['/x'] }],
  ]
  for (const rules of broken) assert.notDeepEqual(issuesOf(rules), [], JSON.stringify(rules))
})

const issuesOf = (rules: unknown): readonly string[] => {
  const result = policyRulesSchema.safeParse(rules)
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

/** What a policy is, as plainly as it can be written. */
function decideNaively(rules: readonly PolicyRule[], method: string, path: string, principal?: Principal): boolean {
  const coversSegments = (pattern: readonly string[], segments: readonly string[]): boolean => {
    const [wanted, ...rest] = pattern
    if (wanted === undefined) return segments.length === 0
    if (wanted === '**') return true
    const [segment, ...others] = segments
    if (segment === undefined) return false
    return (wanted === '*' ? segment !== '' : wanted === segment) && coversSegments(rest, others)
  }
  const covers = (rule: PolicyRule, asked: string): boolean =>
    (rule.methods?.some((each) => each === method || (each === 'GET' && method === 'HEAD')) ?? true) &&
    (rule.paths?.some((each) => coversSegments(each.slice(1).split('/'), asked.slice(1).split('/'))) ?? true)
  const letsIn = ({ allow }: PolicyRule): boolean =>
    allow.some((entry) => {
      if (entry === 'public') return true
      if (principal === undefined) return false
      if (entry === 'authenticated') return true
      if (entry.startsWith('group:')) return principal.groups.some((group) => entry === `group:${group}`)
      return entry === `user:${principal.provider}/${principal.subject}`
    })
  const index = rules.findIndex((rule) => covers(rule, path))
  if (index === -1) return false
  const guards = otherReadings(path).map((reading) => rules.slice(0, index).find((rule) => covers(rule, reading)))
  return [rules[index], ...guards].every((rule) => rule === undefined || letsIn(rule))
}

const segment = fc.constantFrom('a', 'b', 'c', '*')
const anyPattern = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constantFrom('', '', '/**', '/'))
  .map(([segments, end]) => (segments.length === 0 && end === '' ? '/' : `/${segments.join('/')}${end}`))
const anyRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    methods: fc.subarray(['GET', 'POST', 'HEAD'], { minLength: 1 }),
    paths: fc.array(anyPattern, { minLength: 1, maxLength: 3 }),
    allow: fc.subarray(['public', 'authenticated', 'group:x', 'group:y', 'user:sso/ada', 'user:sso/b/c']),
  },
  { requiredKeys: ['allow'] },
)
const anyRules = fc.array(anyRule, { maxLength: 5 })
const anyMethod = fc.constantFrom('GET', 'POST', 'HEAD', 'DELETE')
const anyPath = fc
  .array(fc.constantFrom('a', 'b', 'c', '', 'a;b', 'a%2Fb', 'A', '%2f'), { maxLength: 4 })
  .map((segments) => `/${segments.join('/')}`)
const anyPerson = fc.option(
  fc
    .tuple(fc.subarray(['x', 'y', 'z']), fc.constantFrom('ada', 'b/c'))
    .map(([groups, subject]) => person(groups, 'sso', subject)),
  { nil: undefined },
)

test('what the rules say is what is decided', () => {
  fc.assert(
    fc.property(anyRules, anyMethod, anyPath, anyPerson, (rules, method, path, principal) => {
      assert.equal(allows(rules, method, path, principal), decideNaively(rules, method, path, principal))
    }),
    { numRuns: 3000 },
  )
})

test('a rule added at the end changes no decision that an earlier rule made', () => {
  fc.assert(
    fc.property(anyRules, anyRule, anyMethod, anyPath, anyPerson, (rules, added, method, path, principal) => {
      const before = compilePolicy('manager', rules).decide({ method, path }, principal)
      const after = compilePolicy('manager', [...rules, added]).decide({ method, path }, principal)
      if (before.allow || before.rule !== undefined) assert.deepEqual(after, before)
    }),
    { numRuns: 2000 },
  )
})

test('no input throws', () => {
  const anything = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), anyPath)
  fc.assert(
    fc.property(anyRules, anything, anything, anyPerson, (rules, method, path, principal) => {
      assert.equal(typeof compilePolicy('manager', rules).decide({ method, path }, principal).allow, 'boolean')
    }),
    { numRuns: 500 },
  )
})
