// What is written about tokens that end soon, in French.

import type { ExpiryMails } from './mails.ts'

export const fr: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `Votre jeton d’accès « ${token} » expire bientôt`,
    text: `Bonjour ${name},

Votre jeton d’accès « ${token} » (${prefix}…) expire le ${endsAt}. À partir de ce moment, les programmes qui l’utilisent seront refusés.
${more === '' ? '' : `\nAutres jetons à vous qui expirent bientôt : ${more}\n`}
Si vous en avez encore besoin, créez-en un nouveau ici et mettez-le là où l’ancien est utilisé :
${link}

Si vous n’en avez plus besoin, il n’y a rien à faire.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `Une ancienne clé de ${account} est encore utilisée et expire bientôt`,
    text: `La clé ${prefix}… du compte de service ${account} expire le ${endsAt}, car une clé plus récente a été créée. Elle a été utilisée depuis : le ${usedAt}, depuis ${usedFrom}.

Donnez la clé plus récente au programme qui s’exécute à cette adresse, ou créez-en une autre ici :
${link}

Vous recevez cet e-mail parce que vous administrez ce service.
`,
  }),
}
