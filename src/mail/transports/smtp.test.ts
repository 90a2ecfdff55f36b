import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { Secret } from '#kernel'
import { MAIL_SERVER_CA, type MailServerSettings, startMailServer } from '../../../test/support/mail-server.ts'
import { mailConfig, type SmtpConfig } from '../config.ts'
import { mailTo, SENDER, testTransport } from '../transport.contract.ts'
import { UndeliveredError } from '../transport.ts'
import { createSmtpTransport } from './smtp.ts'

const ca = readFileSync(MAIL_SERVER_CA, 'utf8')

/** @param settings what the configuration says beside the place */
async function openServer(server: MailServerSettings = {}, settings: Partial<SmtpConfig> = {}) {
  const mailServer = await startMailServer(server)
  const { port } = mailServer
  const config: SmtpConfig = { host: 'localhost', port, tls: 'starttls', dangerouslyPlain: false, ca, ...settings }
  return {
    server: mailServer,
    transport: createSmtpTransport(config, SENDER),
    arrived: async () => mailServer.received.map(({ raw }) => raw),
    [Symbol.asyncDispose]: () => mailServer[Symbol.asyncDispose](),
  }
}

const fails = (promise: Promise<void>, facts: Partial<UndeliveredError>, message: RegExp): Promise<void> =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof UndeliveredError, String(error))
    assert.match(error.message, message)
    for (const [name, value] of Object.entries(facts)) assert.equal(error[name as keyof UndeliveredError], value, name)
    return true
  })

testTransport('a mail server, by STARTTLS', () => openServer())
testTransport('a mail server, encrypted from the first byte', () =>
  openServer({ isImplicit: true }, { tls: 'implicit' }),
)

const LOGIN = { user: 'gate', password: 'correct horse' }

test('what is sent is encrypted, from us, to one person', async () => {
  await using way = await openServer({ login: LOGIN }, { user: LOGIN.user, password: new Secret(LOGIN.password) })
  await way.transport.deliver(mailTo('ada@example.org'))
  const [mail] = way.server.received
  assert.deepEqual(
    [mail?.from, mail?.to, mail?.isEncrypted, mail?.user],
    ['gate@lab.test', ['ada@example.org'], true, 'gate'],
  )
})

test('a server that offers no encryption gets nothing', async () => {
  await using way = await openServer({ isPlain: true })
  await fails(way.transport.deliver(mailTo('ada@example.org')), { isFinal: false }, /^E/)
  assert.deepEqual(way.server.received, [])
})

test('a certificate that nobody vouches for, or of another name, gets nothing', async () => {
  await using unknown = await openServer({}, { ca: undefined })
  await fails(unknown.transport.deliver(mailTo('ada@example.org')), { isFinal: false }, /self-signed/)
  await using implicit = await openServer({ isImplicit: true }, { tls: 'implicit', ca: undefined })
  await fails(implicit.transport.deliver(mailTo('ada@example.org')), { isFinal: false }, /self-signed/)
  await using other = await openServer({}, { host: 'localhost.localdomain' })
  await fails(other.transport.deliver(mailTo('ada@example.org')), { isFinal: false }, /altnames|ENOTFOUND|EDNS/)
  assert.deepEqual([...unknown.server.received, ...implicit.server.received, ...other.server.received], [])
})

test('without encryption only where that was said by name', async () => {
  await using way = await openServer({ isPlain: true }, { dangerouslyPlain: true })
  await way.transport.deliver(mailTo('ada@example.org'))
  assert.equal(way.server.received[0]?.isEncrypted, false)
})

test('a password that is wrong may be put right', async () => {
  await using way = await openServer({ login: LOGIN }, { user: LOGIN.user, password: new Secret('wrong') })
  await fails(way.transport.deliver(mailTo('ada@example.org')), { isFinal: false, isAboutMail: false }, /EAUTH.*535/)
})

test('what the server says of a recipient is final at 5xx, and not at 4xx', async () => {
  await using way = await openServer({
    refuse: (to) => (to.startsWith('gone') ? 550 : to.startsWith('full') ? 452 : undefined),
  })
  await fails(way.transport.deliver(mailTo('gone@example.org')), { isFinal: true, isAboutMail: true }, /550/)
  await fails(way.transport.deliver(mailTo('full@example.org')), { isFinal: false, isAboutMail: true }, /452/)
})

test('nobody there, and somebody who is no mail server', { timeout: 30_000 }, async () => {
  const nobody = await startMailServer()
  await nobody[Symbol.asyncDispose]()
  const config = mailConfig.parse({ from: 'a@b.test', smtp: { host: '127.0.0.1', port: nobody.port } })
  const smtp = config?.smtp ?? assert.fail('it was given')
  const send = (port: number) => createSmtpTransport({ ...smtp, port }, SENDER).deliver(mailTo('ada@example.org'))
  await fails(send(nobody.port), { isFinal: false, isAboutMail: false }, /ECONNREFUSED|ESOCKET/)

  const web = createServer((socket) => void socket.on('error', () => {}).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve))
  const { port } = web.address() as { readonly port: number }
  await fails(send(port), { isFinal: false, isAboutMail: false }, /EPROTOCOL|ECONN|ESOCKET/)
  await new Promise((resolve) => web.close(resolve))
})
