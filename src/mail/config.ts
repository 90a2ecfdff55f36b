// The `mail` section of the configuration. Without it nothing is sent, and nothing is kept to be sent.

import { z } from 'zod'
import { filePath, pemFile, secretRef } from '#config'
import { MAIL_LANGUAGES } from './mail.ts'
import { isMailAddress } from './mail-address.ts'

const mailAddress = z.string().refine(isMailAddress, { error: 'this is no mail address' })

const smtp = z
  .strictObject({
    host: z
      .string()
      .regex(/^[A-Za-z0-9.:_-]{1,255}$/, { error: 'a host is a name or an address' })
      .describe('Name or address of the mail server.')
      .meta({ examples: ['mail.example.org'] }),
    port: z
      .int()
      .min(1)
      .max(65_535)
      .optional()
      .describe('Port of the mail server. By default 587, or 465 with `tls: implicit`.'),
    tls: z
      .enum(['starttls', 'implicit'])
      .default('starttls')
      .describe(
        'How the connection is encrypted: `starttls` before anything else is said, and nothing is sent without; or from the first byte. The server’s certificate and name are checked.',
      ),
    ca: pemFile()
      .optional()
      .describe('Authorities of the server’s certificate, in PEM, in place of those that this machine trusts.')
      .meta({ examples: ['/etc/ssl/mail-ca.pem'] }),
    user: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .describe('User at the mail server, if it asks for one.')
      .meta({ examples: ['gatehouse'] }),
    password: secretRef().optional().describe('Password of the user.'),
    dangerouslyPlain: z
      .boolean()
      .default(false)
      .describe('Speaks without encryption, whatever the server offers: everybody on the way can read the mails.'),
  })
  .refine(({ user, password }) => (user === undefined) === (password === undefined), {
    path: ['password'],
    error: 'user and password belong together',
    params: { fix: 'give both, or neither' },
  })
  .refine(({ dangerouslyPlain, user }) => !(dangerouslyPlain && user !== undefined), {
    path: ['dangerouslyPlain'],
    error: 'a password is not sent without encryption',
    params: { fix: 'remove dangerouslyPlain, or user and password' },
  })
  .meta({ title: 'Mail server' })

export const mailConfig = z
  .strictObject({
    from: mailAddress.describe('The address that the mails come from.').meta({ examples: ['gatehouse@example.org'] }),
    fromName: z
      .string()
      .regex(/^[^\p{Cc}]{1,100}$/u, { error: 'a name is one line of at most 100 characters' })
      .default('Gatehouse')
      .describe('The name that the mails come from.'),
    language: z
      .enum(MAIL_LANGUAGES)
      .default('en')
      .describe('In which language mails are written to people who have chosen none.'),
    smtp: smtp.optional().describe('The mail server to which mails are given.'),
    file: filePath()
      .optional()
      .describe('A folder in which each mail becomes a file, instead of being sent. For trying out and for tests.')
      .meta({ examples: ['./mails'] }),
  })
  .refine((config) => (config.smtp === undefined) !== (config.file === undefined), {
    path: ['smtp'],
    error: 'mails go to a mail server or into a folder: exactly one of `smtp` and `file` is needed',
    params: { fix: 'give one of the two' },
  })
  .optional()
  .meta({
    title: 'Mail',
    description: 'How Gatehouse writes to people. Without this section it sends no mail.',
    examples: [{ from: 'gatehouse@example.org', smtp: { host: 'mail.example.org' } }],
  })

export type MailConfig = NonNullable<z.output<typeof mailConfig>>
export type SmtpConfig = z.output<typeof smtp>
