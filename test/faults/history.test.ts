// The checker sees what it is there to see: one planted violation each, and none in what is right.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { findViolations, type History, type Operation } from './history.ts'

const rules = { visibleWithinMs: 1_000 }

const at = (kind: Operation['kind'], invokedAtMs: number, more: Partial<Operation> = {}): Operation => ({
  kind,
  session: 1,
  owner: 'ada',
  node: 0,
  invokedAtMs,
  completedAtMs: invokedAtMs + 10,
  outcome: 'ok',
  ...(kind === 'read' && { who: 'ada' }),
  ...more,
})

const history = (operations: readonly Operation[], more: Partial<History> = {}): History => ({
  operations,
  presented: [],
  faults: [],
  ...more,
})

const presented = (...times: readonly (readonly [atMs: number, isTaken: boolean])[]) =>
  times.map(([atMs, isTaken]) => ({ token: 'one', atMs, isTaken }))

const right: Readonly<Record<string, History>> = {
  'a login, reads and an end': history([
    at('login', 0),
    at('read', 20),
    at('read', 40, { node: 1 }),
    at('end', 60),
    at('read', 80, { outcome: 'refused' }),
  ]),
  'a read that was asked before the end was acknowledged': history([
    at('login', 0),
    at('end', 20, { completedAtMs: 100 }),
    at('read', 99, { completedAtMs: 500 }),
  ]),
  'another node within its second': history([at('login', 0), at('end', 20), at('read', 1_029, { node: 1 })]),
  'a read after an end that nobody acknowledged': history([
    at('login', 0),
    at('end', 20, { outcome: 'unclear' }),
    at('read', 5_000),
  ]),
  'a read after a login whose answer was lost': history([at('login', 0, { outcome: 'unclear' }), at('read', 50)]),
  'the end of another session': history([at('login', 0), at('end', 20, { session: 2 }), at('read', 3_000)]),
  'a token that is taken once': history([], { presented: presented([10, true]) }),
  'a token that is presented again after a fault': history([], {
    presented: presented([10, true], [500, false]),
    faults: [{ fromMs: 0, toMs: 100 }],
  }),
}

const wrong: Readonly<Record<string, readonly [History, RegExp]>> = {
  'a read at the same node right after the end': [
    history([at('login', 0), at('end', 20), at('read', 31)]),
    /read at node 0, 1 ms after its end at node 0/,
  ],
  'a read at another node after more than its second': [
    history([at('login', 0), at('end', 20), at('read', 1_031, { node: 1 })]),
    /read at node 1, 1001 ms after/,
  ],
  'a read long after the end, with a refusal between': [
    history([at('login', 0), at('end', 20), at('read', 2_000, { outcome: 'refused' }), at('read', 9_000)]),
    /8970 ms after/,
  ],
  'somebody else’s answer': [history([at('login', 0), at('read', 20, { who: 'grace' })]), /answered about grace/],
  'an answer about nobody': [history([at('login', 0), at('read', 20, { who: '' })]), /answered about/],
  'a read without a login': [history([at('read', 20)]), /without a login/],
  'a read after a refused login': [
    history([at('login', 0, { outcome: 'refused' }), at('read', 20)]),
    /without a login/,
  ],
  'a token that is taken twice': [history([], { presented: presented([10, true], [20, true]) }), /taken 2 times/],
  'a token that is taken twice after a fault': [
    history([], { presented: presented([10, true], [20, true]), faults: [{ fromMs: 0, toMs: 100 }] }),
    /taken 2 times/,
  ],
  'a token that is presented again without a fault': [
    history([], { presented: presented([10, true], [500, false]), faults: [{ fromMs: 400, toMs: 600 }] }),
    /presented 2 times without a fault/,
  ],
}

for (const [name, each] of Object.entries(right)) {
  test(`nothing is wrong with ${name}`, () => assert.deepEqual(findViolations(each, rules), []))
}

for (const [name, [each, words]] of Object.entries(wrong)) {
  test(`it is found: ${name}`, () => {
    const found = findViolations(each, rules)
    assert.equal(found.length, 1)
    assert.match(found[0] ?? '', words)
  })
}
