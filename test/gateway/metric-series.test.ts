// What strangers make up becomes no series of the metrics (security.md E3): not a path, a name, a method or a host, so that
// nobody can fill the memory of the gateway or of whatever collects them.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SendOptions, TestClient } from '../support/http-client.ts'
import { ok, startRecordingUpstream } from '../support/recording-upstream.ts'
import { startLab } from './lab.ts'

type Make = (word: string) => readonly [target: string, options: SendOptions]

const post = (body: string, origin: string): SendOptions => ({
  method: 'POST',
  body,
  headers: { origin, 'content-type': 'application/x-www-form-urlencoded' },
})

// biome-ignore format: a table
const requestsTo = (url: string): readonly Make[] => [
  (word) => [`/${word}`, {}],
  (word) => [`/${word}/${word}`, { headers: { accept: 'text/html' } }],
  (word) => [`/up/${word}?${word}`, {}],
  (word) => [`/up/${word}`, { method: word }],
  (word) => [`/up/x`, { headers: { host: `${word}.test` } }],
  (word) => [`/up/x`, { headers: { 'user-agent': word, 'x-request-id': word, referer: `http://${word}.test/` } }],
  (word) => [`/lab/${word}`, {}],
  (word) => [`/api/v1/${word}`, {}],
  (word) => [`/api/v1/sessions/${word}`, { method: 'DELETE', headers: { origin: url } }],
  (word) => [`/settings/${word}`, { headers: { accept: 'text/html' } }],
  (word) => [`/auth/assets/${word}`, {}],
  (word) => [`/auth/callback/${word}?state=${word}`, {}],
  (word) => [`/auth/backchannel/${word}`, post(`logout_token=${word}`, url)],
  (word) => [`/auth/login/${word}`, post('username=x&password=x', url)],
  (word) => [`/auth/login/local`, post(`username=${word}&password=x`, url)],
  (word) => ['/auth/verify', { headers: { 'x-forwarded-uri': `/${word}`, 'x-forwarded-host': word } }],
]

test('however many paths, names, methods and hosts are made up, no series is added', { timeout: 120_000 }, async () => {
  await using upstream = await startRecordingUpstream(() => ok())
  await using lab = await startLab({
    config: {
      // The names count here, not the work of as many passwords.
      server: { limits: { logins: { failuresPerAddress: '4/1h' } } },
      upstreams: [
        { path: '/up/', to: upstream.url, allow: ['public'] },
        { path: '/lab/', to: upstream.url, allow: ['group:lab'] },
      ],
    },
  })
  const people = [lab.stranger(), await lab.logIn('mallory')]
  const askEach = async (client: TestClient, word: string): Promise<void> => {
    for (const make of requestsTo(lab.url)) await client.send(...make(word))
  }
  const series = async (): Promise<ReadonlySet<string>> => {
    const text = await (await fetch(lab.gateway.metricsUrl)).text()
    return new Set(text.split('\n').flatMap((line) => /^(gatehouse_.*) \S+$/.exec(line)?.[1] ?? []))
  }
  // Each kind of answer, before and after the guessing of passwords is refused.
  for (let turn = 0; turn < 6; turn += 1) for (const client of people) await askEach(client, `known${turn}`)
  const before = await series()
  assert.ok(before.size > 50, `${before.size} series`)

  for (let turn = 0; turn < 100; turn += 1) await askEach(people[turn % 2] ?? lab.stranger(), `other${turn}`)
  // That lines were left out of the log is counted by event, once there are many: by words of ours.
  const isOurs = (each: string): boolean => each === 'gatehouse_log_lines_left_out_total{event="http_request"}'
  const added = [...(await series())].filter((each) => !before.has(each) && !isOurs(each))
  assert.deepEqual(added, [])
  assert.doesNotMatch([...before].join(), /known\d/)
})
