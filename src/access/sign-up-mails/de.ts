// What is written about sign-ups, in German.

import type { SignUpMails } from './mails.ts'

export const de: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} wartet auf Ihre Freigabe`,
    text: `Jemand hat sich zum ersten Mal angemeldet und wartet darauf, freigegeben zu werden.

Name: ${name}
Benutzername: ${username}
Angemeldet mit: ${provider}
E-Mail, wie der Anbieter sie nennt: ${email}

Entscheiden Sie hier, nachdem Sie sich angemeldet haben:
${link}

Sie erhalten diese E-Mail, weil Sie diesen Dienst verwalten. Solange niemand entscheidet, geschieht nichts.
`,
  }),
  approved: ({ name, link }) => ({
    subject: 'Ihr Konto ist freigegeben',
    text: `Guten Tag ${name},

Ihr Konto ist freigegeben. Sie können es ab jetzt benutzen:
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'Ihr Konto wurde nicht freigegeben',
    text: `Guten Tag ${name},

Ihr Konto wurde nicht freigegeben.
${contact === '' ? '' : `\nAn wen Sie sich wenden können: ${contact}\n`}`,
  }),
}
