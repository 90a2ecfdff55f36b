// Puts each mail as a file into a folder, in the bytes that a mail server would get: `ID.eml`.

import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { compose, type Sender } from '../compose.ts'
import { type MailTransport, type OutgoingMail, UndeliveredError } from '../transport.ts'

export function createFileTransport(folder: string, sender: Sender): MailTransport {
  return Object.freeze({
    async deliver(mail: OutgoingMail) {
      const { createTransport } = await import('nodemailer')
      try {
        const { message } = await createTransport({ streamTransport: true, buffer: true, newline: 'windows' }).sendMail(
          compose(sender, mail),
        )
        await mkdir(folder, { recursive: true, mode: 0o700 })
        // Under its name only when it is whole: others may be looking into the folder.
        const path = join(folder, `${mail.id}.eml`)
        await writeFile(`${path}.part`, message, { mode: 0o600 })
        await rename(`${path}.part`, path)
      } catch (cause) {
        throw new UndeliveredError('the folder for mails cannot be written to', { cause })
      }
    },
  })
}
