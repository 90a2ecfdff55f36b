// What is written about tokens that end soon, in German.

import type { ExpiryMails } from './mails.ts'

export const de: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `Ihr Zugriffstoken „${token}“ endet bald`,
    text: `Guten Tag ${name},

Ihr Zugriffstoken „${token}“ (${prefix}…) endet am ${endsAt}. Programme, die es benutzen, werden von da an abgewiesen.
${more === '' ? '' : `\nWeitere Ihrer Tokens, die bald enden: ${more}\n`}
Wenn Sie es noch brauchen, legen Sie hier ein neues an und setzen Sie es dort ein, wo das alte benutzt wird:
${link}

Wenn Sie es nicht mehr brauchen, ist nichts zu tun.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `Ein alter Schlüssel von ${account} wird noch benutzt und endet bald`,
    text: `Der Schlüssel ${prefix}… des Dienstkontos ${account} endet am ${endsAt}, weil ein neuerer angelegt wurde. Er wurde seitdem benutzt: am ${usedAt}, von ${usedFrom}.

Geben Sie dem Programm, das dort läuft, den neueren Schlüssel, oder legen Sie hier einen weiteren an:
${link}

Sie erhalten diese E-Mail, weil Sie diesen Dienst verwalten.
`,
  }),
}
