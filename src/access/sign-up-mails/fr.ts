// What is written about sign-ups, in French.

import type { SignUpMails } from './mails.ts'

export const fr: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} attend votre approbation`,
    text: `Une personne s’est connectée pour la première fois et attend qu’un administrateur lui donne accès.

Nom : ${name}
Nom d’utilisateur : ${username}
Connexion avec : ${provider}
E-mail, selon ce fournisseur : ${email}

Décidez ici, après vous être connecté :
${link}

Vous recevez cet e-mail parce que vous administrez ce service. Rien ne se passe tant que personne ne décide.
`,
  }),
  approved: ({ name, link }) => ({
    subject: 'Votre compte est approuvé',
    text: `Bonjour ${name},

Votre compte est approuvé. Vous pouvez l’utiliser dès maintenant :
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'Votre compte n’a pas été approuvé',
    text: `Bonjour ${name},

Un administrateur a décidé de ne pas approuver votre compte.
${contact === '' ? '' : `\nÀ qui s’adresser : ${contact}\n`}`,
  }),
}
