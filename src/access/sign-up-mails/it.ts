// What is written about sign-ups, in Italian.

import type { SignUpMails } from './mails.ts'

export const it: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} attende la sua approvazione`,
    text: `Una persona ha effettuato l’accesso per la prima volta e attende che un amministratore la ammetta.

Nome: ${name}
Nome utente: ${username}
Accesso con: ${provider}
E-mail, secondo quel provider: ${email}

Decida qui, dopo aver effettuato l’accesso:
${link}

Riceve questa e-mail perché amministra questo servizio. Non succede nulla finché qualcuno non decide.
`,
  }),
  approved: ({ name, link }) => ({
    subject: 'Il suo account è stato approvato',
    text: `Buongiorno ${name},

Il suo account è stato approvato. Ora può usarlo:
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'Il suo account non è stato approvato',
    text: `Buongiorno ${name},

Un amministratore ha deciso di non approvare il suo account.
${contact === '' ? '' : `\nA chi rivolgersi: ${contact}\n`}`,
  }),
}
