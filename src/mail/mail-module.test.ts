import assert from 'node:assert/strict'
import { test } from 'node:test'
import { storageModule } from '#storage'
import { countingMetrics } from '../../test/support/counting-metrics.ts'
import { silentLog } from '../../test/support/fake-context.ts'
import { MAIL_SERVER_CA, startMailServer } from '../../test/support/mail-server.ts'
import { createManualClock } from '../../test/support/manual-clock.ts'
import type { MailTemplate } from './mail.ts'
import { mailModule } from './mail-module.ts'
import { parse } from './transport.contract.ts'

const greet =
  (word: string) =>
  ({ name }: { readonly name: string }) => ({ subject: `${word} ${name}`, text: `Dear ${name},\n${word}.` })

const hello: MailTemplate<{ readonly name: string }> = {
  id: 'test.hello',
  write: {
    en: greet('Hello'),
    de: greet('Hallo'),
    fr: greet('Bonjour'),
    es: greet('Hola'),
    it: greet('Ciao'),
    ja: greet('こんにちは'),
    ko: greet('안녕하세요'),
    'zh-CN': greet('您好'),
  },
}

async function openMail(settings: object | undefined) {
  const base = { clock: createManualClock(), telemetry: { log: silentLog, metrics: countingMetrics(new Map()) } }
  const stores = storageModule.config.parse({ sql: { type: 'memory' }, keyValue: { type: 'memory' } })
  const storage = storageModule.create(base, stores)
  const part = mailModule.create({ ...base, storage: storage.api }, mailModule.config.parse(settings))
  await storage.start?.()
  return {
    mail: part.api,
    run: async () => part.tasks?.find(({ name }) => name === 'mail.outbox')?.run(),
    [Symbol.asyncDispose]: async () => storage.stop?.(),
  }
}

test('a mail is written in the language asked for and arrives', async () => {
  await using server = await startMailServer()
  const smtp = { host: 'localhost', port: server.port, ca: MAIL_SERVER_CA }
  await using node = await openMail({ from: 'gate@lab.test', language: 'de', smtp })
  assert.equal(await node.mail.send({ to: 'ada@lab.test', template: hello, data: { name: 'Ada' } }), true)
  assert.equal(await node.mail.send({ to: 'bo@lab.test', template: hello, data: { name: 'Bo' }, language: 'en' }), true)
  await node.run()
  const mails = await server.receive(2)
  assert.deepEqual(
    mails.map(({ to, raw }) => [...to, parse(raw).headers.get('subject')?.join()]),
    [
      ['ada@lab.test', 'Hallo Ada'],
      ['bo@lab.test', 'Hello Bo'],
    ],
  )
  assert.deepEqual(await node.mail.listUnsent({ limit: 10 }), [])
})

test('what people are called becomes neither lines nor recipients', async () => {
  await using server = await startMailServer()
  const smtp = { host: 'localhost', port: server.port, ca: MAIL_SERVER_CA }
  await using node = await openMail({ from: 'gate@lab.test', smtp })
  const name = 'Eve\r\nBcc: all@lab.test\r\n\r\nClick\u2028here\u202e'
  await node.mail.send({ to: 'ada@lab.test', template: hello, data: { name } })
  for (const to of ['ada@lab.test\r\nBcc: eve@lab.test', 'ada@lab.test, eve@lab.test', '']) {
    assert.equal(await node.mail.send({ to, template: hello, data: { name: 'x' } }), false, to)
  }
  await node.run()
  const [mail, ...more] = await server.receive(1)
  assert.deepEqual(more, [])
  assert.deepEqual(mail?.to, ['ada@lab.test'])
  const { headers, body } = parse(mail?.raw ?? '')
  assert.equal(headers.has('bcc'), false)
  assert.equal(headers.get('subject')?.join(), 'Hello Eve Bcc: all@lab.test Click here')
  assert.equal(body.split('\r\n')[0], 'Dear Eve Bcc: all@lab.test Click here,')
})

test('without a configuration nothing is kept', async () => {
  await using node = await openMail(undefined)
  assert.equal(node.mail.isConfigured, false)
  assert.equal(await node.mail.send({ to: 'ada@lab.test', template: hello, data: { name: 'Ada' } }), false)
  assert.deepEqual(await node.mail.listUnsent({ limit: 10 }), [])
})

test('a configuration that would send nothing, or a password in the open, is refused', () => {
  const smtp = { host: 'mail.test' }
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ from: 'a@b.test' }, /exactly one of/],
    [{ from: 'a@b.test', smtp, file: '/tmp/x' }, /exactly one of/],
    [{ from: 'Ada <a@b.test>', smtp }, /no mail address/],
    [{ from: 'a@b.test', fromName: 'a\nb', smtp }, /one line/],
    [{ from: 'a@b.test', smtp: { ...smtp, user: 'x' } }, /belong together/],
    [{ from: 'a@b.test', smtp: { ...smtp, host: 'a b' } }, /a host is/],
  ]
  for (const [settings, message] of wrong) {
    const parsed = mailModule.config.safeParse(settings)
    assert.match(parsed.error?.message ?? '', message, JSON.stringify(settings))
  }
})
