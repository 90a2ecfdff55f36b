// The module value of `mail`: the outbox, and what empties it where the configuration names a way out.

import { type Clock, defineModule, type Part } from '#kernel'
import type { Storage } from '#storage'
import type { Logger, Metrics } from '#telemetry'
import { type MailConfig, mailConfig } from './config.ts'
import type { Mail, MailData, NewMail } from './mail.ts'
import { isMailAddress } from './mail-address.ts'
import { oneLine } from './one-line.ts'
import { createOutboxStore, outboxMigrations } from './outbox-store.ts'
import { createOutboxWorker } from './outbox-worker.ts'
import type { MailTransport } from './transport.ts'
import { createFileTransport } from './transports/file.ts'
import { createSmtpTransport } from './transports/smtp.ts'

export interface MailDeps {
  readonly clock: Clock
  readonly telemetry: { readonly log: Logger; readonly metrics: Metrics }
  readonly storage: Pick<Storage, 'sql' | 'addMigrations'>
}

const RUN_MS = 2_000
const SWEEP_MS = 3_600_000

export const mailModule = defineModule({
  id: 'mail',
  configKey: 'mail',
  config: mailConfig,
  requires: ['storage'],
  create: ({ clock, telemetry: { log, metrics }, storage }: MailDeps, config): Part<Mail> => {
    storage.addMigrations(outboxMigrations)
    const store = createOutboxStore(storage)
    const api: Mail = Object.freeze({
      isConfigured: config !== undefined,
      async send<Data extends MailData, Tables>(
        { to, template, data, language }: NewMail<Data>,
        transaction?: Parameters<typeof store.add<Tables>>[2],
      ) {
        if (config === undefined || !isMailAddress(to)) return false
        const { subject, text } = template.write[language ?? config.language](ofOneLine(data))
        await store.add({ to, template: template.id, subject: oneLine(subject), text }, clock.now(), transaction)
        return true
      },
      listUnsent: store.list,
    })
    if (config === undefined) return { api }
    const worker = createOutboxWorker({ store, transport: createTransport(config), clock, log, metrics })
    return {
      api,
      tasks: [
        { name: 'mail.outbox', everyMs: RUN_MS, run: worker.run },
        { name: 'mail.sweep', everyMs: SWEEP_MS, run: worker.sweep },
      ],
    }
  },
})

function createTransport({ smtp, file, ...sender }: MailConfig): MailTransport {
  if (smtp !== undefined) return createSmtpTransport(smtp, sender)
  if (file !== undefined) return createFileTransport(file, sender)
  throw new Error('the configuration of mail names no way out')
}

/** What people are called must not become lines of the mail. */
const ofOneLine = <Data extends MailData>(data: Data): Data =>
  // The keys stay, and every value is a text.
  Object.fromEntries(Object.entries(data).map(([name, value]) => [name, oneLine(value)])) as Data
