// What every signer driver must do, run by the tests of each: sent through the real proxy to a service that looks at
// the bytes. A driver brings its configuration, what must be held for the person, and how its proof is checked.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sendRaw } from '../../test/support/raw-http.ts'
import { type RecordedRequest, startRecordingUpstream } from '../../test/support/recording-upstream.ts'
import { ada, type ProxySettings, startProxy } from '../../test/support/start-proxy.ts'

export interface SignerCase {
  readonly name: string
  /** As in the configuration file. */
  readonly sign: Readonly<Record<string, unknown>>
  readonly settings?: Omit<ProxySettings, 'upstreams'>
  /** Names that a client must not get through, lower case. */
  readonly owned: readonly string[]
  /** Fails unless what arrived proves who sent it. */
  readonly verify: (received: RecordedRequest) => void
  /** Whether it signs with what a provider gave for the person. */
  readonly needsCredential: boolean
}

const requests: Readonly<Record<string, string>> = {
  'no body': 'GET /api/m/folders?group_id=abc&limit=10 HTTP/1.1\r\n\r\n',
  'odd but canonical': "GET /api/m//a;b=c/group%2Fproject/%ED%95%9C?x=%26&y=[1]&u=http://h/p?q='! HTTP/1.1\r\n\r\n",
  'a body of a type':
    'POST /api/m/ HTTP/1.1\r\nContent-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}',
  'a body of no type': 'PUT /api/m/x HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi',
  'a type that is none': 'POST /api/m/ HTTP/1.1\r\nContent-Type: nonsense\r\nContent-Length: 2\r\n\r\nhi',
  chunks: 'POST /api/m/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n',
  'nothing, by DELETE': 'DELETE /api/m/x HTTP/1.1\r\n\r\n',
}

/** Runs the contract. */
export function signerContract(subject: SignerCase): void {
  const { name, sign, owned, verify } = subject
  const settings = { principal: ada, ...subject.settings }

  for (const [kind, request] of Object.entries(requests)) {
    test(`${name}: what is signed is what is sent (${kind})`, async () => {
      await using upstream = await startRecordingUpstream()
      await using proxy = await startProxy({ ...settings, upstreams: [{ to: `${upstream.url}/base`, sign }] })
      const answer = await sendRaw(proxy.port, withHost(request, proxy.port))
      assert.equal(answer.status, 200, answer.text)
      verify(await upstream.request(0))
    })
  }

  test(`${name}: what it owns never comes from the client, nor what the client nominates away`, async () => {
    await using upstream = await startRecordingUpstream()
    await using proxy = await startProxy({ ...settings, upstreams: [{ to: upstream.url, sign }] })
    const spellings = owned.flatMap((each) => [
      each,
      each.toUpperCase(),
      each.replaceAll('-', '_'),
      each.replaceAll('-', '.'),
    ])
    for (const spelling of new Set(spellings)) {
      const lines = `${spelling}: CANARY\r\nConnection: ${owned.join(', ')}\r\n`
      await sendRaw(proxy.port, withHost('GET /api/m/ HTTP/1.1\r\n\r\n', proxy.port, lines), /ok$/)
    }
    assert.equal(upstream.requests.length, new Set(spellings).size)
    for (const received of upstream.requests) {
      assert.equal(JSON.stringify(received.headers).includes('CANARY'), false)
      verify(received)
    }
  })

  test(`${name}: each of its headers is sent once`, async () => {
    await using upstream = await startRecordingUpstream()
    await using proxy = await startProxy({ ...settings, upstreams: [{ to: upstream.url, sign }] })
    await fetch(`${proxy.url}/api/m/`)
    const received = await upstream.request(0)
    for (const each of owned) assert.ok(received.all(each).length <= 1, each)
  })

  if (subject.needsCredential) credentialContract(subject)
}

function credentialContract({ name, sign, settings }: SignerCase): void {
  const refusalWith = async (overrides: Partial<ProxySettings>) => {
    await using upstream = await startRecordingUpstream()
    const all = { principal: ada, ...settings, ...overrides }
    await using proxy = await startProxy({ ...all, upstreams: [{ to: upstream.url, sign }] })
    const answer = await fetch(`${proxy.url}/api/m/`)
    assert.equal(upstream.accepted(), 0, 'nothing goes out unsigned')
    return [answer.status, ((await answer.json()) as { code: string }).code]
  }

  test(`${name}: nothing held for the person is a 403`, async () => {
    assert.deepEqual(await refusalWith({ credentials: {} }), [403, 'credential.missing'])
  })

  test(`${name}: what is held but does not fit is a 403`, async () => {
    const wrong = new Proxy({}, { get: () => ({ kind: 'other' }) })
    assert.deepEqual(await refusalWith({ credentials: wrong }), [403, 'signer.unsuitable'])
    assert.deepEqual(await refusalWith({ credential: async () => ({ kind: 'other' }) as never }), [
      403,
      'signer.unsuitable',
    ])
  })

  test(`${name}: a credential that has to be refreshed first is waited for`, async () => {
    await using upstream = await startRecordingUpstream()
    const held = settings?.credentials ?? {}
    const all = { principal: ada, ...settings, credential: async (_ctx: unknown, id: string) => held[id] as never }
    await using proxy = await startProxy({ ...all, upstreams: [{ to: upstream.url, sign }] })
    assert.equal((await fetch(`${proxy.url}/api/m/`)).status, 200)
  })
}

const withHost = (request: string, port: number, more = 'Connection: close\r\n'): string =>
  request.replace('\r\n', `\r\nHost: 127.0.0.1:${port}\r\n${more}`)
