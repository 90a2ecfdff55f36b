// A mail as the library wants it. Plain text only, one recipient, nothing of it read from files or addresses on the net.

import type { MailConfig } from './config.ts'
import type { OutgoingMail } from './transport.ts'

export type Sender = Pick<MailConfig, 'from' | 'fromName'>

export const compose = ({ from, fromName }: Sender, mail: OutgoingMail) => ({
  from: { name: fromName, address: from },
  to: { name: '', address: mail.to },
  // The envelope is said in full: no header is ever read for addresses.
  envelope: { from, to: [mail.to] },
  subject: mail.subject,
  text: mail.text,
  date: new Date(mail.createdAt),
  messageId: `<${mail.id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
  // RFC 3834 §5: nothing that answers by itself should answer to this.
  headers: { 'Auto-Submitted': 'auto-generated' },
  disableFileAccess: true,
  disableUrlAccess: true,
})
