// What is written about tokens that end soon, in Italian.

import type { ExpiryMails } from './mails.ts'

export const it: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `Il suo token di accesso «${token}» scade presto`,
    text: `Buongiorno ${name},

Il suo token di accesso «${token}» (${prefix}…) scade il ${endsAt}. Da quel momento i programmi che lo usano saranno rifiutati.
${more === '' ? '' : `\nAltri suoi token che scadono presto: ${more}\n`}
Se ne ha ancora bisogno, ne crei uno nuovo qui e lo metta dove si usa quello vecchio:
${link}

Se non ne ha più bisogno, non deve fare nulla.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `Una vecchia chiave di ${account} è ancora in uso e scade presto`,
    text: `La chiave ${prefix}… dell’account di servizio ${account} scade il ${endsAt}, perché ne è stata creata una più recente. Da allora è stata usata: il ${usedAt}, da ${usedFrom}.

Dia la chiave più recente al programma in esecuzione a quell’indirizzo, oppure ne crei un’altra qui:
${link}

Riceve questa e-mail perché amministra questo servizio.
`,
  }),
}
