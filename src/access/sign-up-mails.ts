// What is written about sign-ups: to administrators when somebody waits, to that person when it is decided.

import type { MailTemplate } from '#mail'

interface Asked {
  readonly [fact: string]: string
  readonly name: string
  readonly username: string
  readonly provider: string
  readonly email: string
  /** Where to decide. */
  readonly link: string
}

interface Decided {
  readonly [fact: string]: string
  readonly name: string
  /** Where the person goes next. */
  readonly link: string
  /** Whom to ask, as the operator wrote it; may be empty. */
  readonly contact: string
}

export const signUpAsked: MailTemplate<Asked> = {
  id: 'access.signUpAsked',
  write: {
    en: ({ name, username, provider, email, link }) => ({
      subject: `${name} waits for your approval`,
      text: `Somebody has logged in for the first time, and waits for an administrator to let them in.

Name: ${name}
User name: ${username}
Logged in with: ${provider}
E-mail, as that provider says: ${email}

Decide here, after you have logged in:
${link}

You get this mail because you administer this service. Nothing happens until somebody decides.
`,
    }),
    de: ({ name, username, provider, email, link }) => ({
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
  },
}

export const signUpApproved: MailTemplate<Decided> = {
  id: 'access.signUpApproved',
  write: {
    en: ({ name, link }) => ({
      subject: 'Your account is approved',
      text: `Dear ${name},

your account is approved. You can use it now:
${link}
`,
    }),
    de: ({ name, link }) => ({
      subject: 'Ihr Konto ist freigegeben',
      text: `Guten Tag ${name},

Ihr Konto ist freigegeben. Sie können es ab jetzt benutzen:
${link}
`,
    }),
  },
}

export const signUpRefused: MailTemplate<Decided> = {
  id: 'access.signUpRefused',
  write: {
    en: ({ name, contact }) => ({
      subject: 'Your account was not approved',
      text: `Dear ${name},

an administrator has decided not to approve your account.
${contact === '' ? '' : `\nWhom to ask: ${contact}\n`}`,
    }),
    de: ({ name, contact }) => ({
      subject: 'Ihr Konto wurde nicht freigegeben',
      text: `Guten Tag ${name},

Ihr Konto wurde nicht freigegeben.
${contact === '' ? '' : `\nAn wen Sie sich wenden können: ${contact}\n`}`,
    }),
  },
}
