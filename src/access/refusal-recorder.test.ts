import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AuditEntry } from '#telemetry'
import { createManualClock } from '../../test/support/manual-clock.ts'
import { createRefusalRecorder } from './refusal-recorder.ts'
import { createRequest, type TestRequest } from './request.fixture.ts'

function createRecorder() {
  const clock = createManualClock()
  const kept: AuditEntry[] = []
  const record = createRefusalRecorder({ clock, audit: { record: async (entry) => void kept.push(entry) } })
  return { clock, kept, record }
}

const requestOf = (userId: string, raw = '/settings'): TestRequest => Object.assign(createRequest({ raw }), { userId })

test('a refusal is logged as a security violation and kept', () => {
  const { kept, record } = createRecorder()
  const ctx = requestOf('ada')
  record(ctx, 'because of the rule')
  assert.deepEqual(ctx.logged, [
    {
      event: 'security_violation',
      kind: 'access_refused',
      pattern: '/settings',
      subject: '/settings',
      method: 'GET',
      because: 'because of the rule',
      left_out: 0,
    },
  ])
  assert.deepEqual(kept, [
    {
      action: 'access.refused',
      outcome: 'failure',
      userId: 'ada',
      address: '192.0.2.7',
      requestId: 'request-1',
      subject: '/settings',
      detail: { method: 'GET', path: '/settings', because: 'because of the rule', leftOut: 0 },
    },
  ])
})

test('who hammers at a closed door is written down once a minute, with the count of the rest', () => {
  const { clock, kept, record } = createRecorder()
  for (let knock = 0; knock < 10_000; knock++) record(requestOf('mallory'), 'no')
  record(requestOf('ada'), 'no')
  record(requestOf('mallory', '/other'), 'no')
  assert.equal(kept.length, 3)
  clock.advance(60_000)
  record(requestOf('mallory'), 'no')
  assert.equal(kept.length, 4)
  assert.equal(kept[3]?.detail?.leftOut, 9_999)
})

test('an audit log that fails is reported and refuses nothing', async () => {
  const failed = Promise.withResolvers<void>()
  const ctx = requestOf('ada')
  const record = createRefusalRecorder({
    clock: createManualClock(),
    audit: {
      record: async () => {
        queueMicrotask(() => queueMicrotask(failed.resolve))
        throw new Error('database gone')
      },
    },
  })
  record(ctx, 'no')
  await failed.promise
  assert.deepEqual(
    ctx.logged.map(({ event }) => event),
    ['security_violation', 'audit_failed'],
  )
})

test('what a proxy in front asks about is a place of its own, and is what is written down', () => {
  const { kept, record } = createRecorder()
  const ctx = requestOf('ada', '/auth/verify')
  for (const path of ['/grafana/a', '/grafana/b']) record(ctx, 'no', { subject: 'grafana', method: 'POST', path })
  record(ctx, 'no', { subject: 'wiki', method: 'GET', path: '/wiki/' })
  assert.deepEqual(
    kept.map(({ subject, detail }) => [subject, detail?.method, detail?.path]),
    [
      ['grafana', 'POST', '/grafana/a'],
      ['wiki', 'GET', '/wiki/'],
    ],
  )
})
