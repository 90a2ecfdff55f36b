// What every way out does: one mail arrives as it was written, whatever is in it.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Sender } from './compose.ts'
import type { MailTransport, OutgoingMail } from './transport.ts'

export const SENDER: Sender = { from: 'gate@lab.test', fromName: 'Gätehouse "of" the lab' }

export const mailTo = (to: string, facts: Partial<OutgoingMail> = {}): OutgoingMail => ({
  id: 'mail-1',
  to,
  subject: 'Ada wants in',
  text: 'Dear Ada,\n\nyou are in.\n',
  createdAt: Date.UTC(2026, 10, 22, 1, 2, 3),
  ...facts,
})

export interface TransportUnderTest extends AsyncDisposable {
  readonly transport: MailTransport
  /** What has arrived, as it came; with the line ends of mail. */
  arrived(): Promise<readonly string[]>
}

/** @param open a transport that sends as SENDER */
export function testTransport(name: string, open: () => Promise<TransportUnderTest>): void {
  test(`${name}: a mail arrives with its headers and its text`, async () => {
    await using way = await open()
    await way.transport.deliver(mailTo('ada@example.org'))
    const [raw = '', ...more] = await way.arrived()
    assert.deepEqual(more, [])
    const { headers, body } = parse(raw)
    assert.deepEqual(headers.get('to'), ['ada@example.org'])
    assert.deepEqual(headers.get('subject'), ['Ada wants in'])
    assert.deepEqual(headers.get('message-id'), ['<mail-1@lab.test>'])
    assert.deepEqual(headers.get('date'), ['Sun, 22 Nov 2026 01:02:03 +0000'])
    assert.deepEqual(headers.get('auto-submitted'), ['auto-generated'])
    assert.match(headers.get('from')?.join() ?? '', /<gate@lab\.test>$/)
    assert.match(headers.get('content-type')?.join() ?? '', /^text\/plain; charset=utf-8/)
    assert.equal(body.trimEnd(), 'Dear Ada,\r\n\r\nyou are in.')
  })

  test(`${name}: nothing in a mail becomes a header or ends it early`, async () => {
    await using way = await open()
    const evil = 'x\r\nBcc: eve@example.org\r\n\r\nand a body'
    await way.transport.deliver(
      mailTo('ada@example.org', { subject: evil, text: '.\r\n..\r\nFrom x\r\n.\r\nQUIT\r\nend' }),
    )
    const [raw = '', ...more] = await way.arrived()
    assert.deepEqual(more, [])
    const { headers, body } = parse(raw)
    assert.equal(headers.has('bcc'), false)
    assert.equal(headers.get('subject')?.length, 1)
    assert.match(body, /^\.\r\n\.\.\r\nFrom x\r\n\.\r\nQUIT\r\nend/)
  })
}

export function parse(raw: string): {
  readonly headers: ReadonlyMap<string, readonly string[]>
  readonly body: string
} {
  const end = raw.indexOf('\r\n\r\n')
  const headers = new Map<string, string[]>()
  for (const line of raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), line.slice(colon + 1).trim()])
  }
  return { headers, body: raw.slice(end + 4) }
}
