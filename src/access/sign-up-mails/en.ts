// What is written about sign-ups, in English.

import type { SignUpMails } from './mails.ts'

export const en: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
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
  approved: ({ name, link }) => ({
    subject: 'Your account is approved',
    text: `Dear ${name},

your account is approved. You can use it now:
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'Your account was not approved',
    text: `Dear ${name},

an administrator has decided not to approve your account.
${contact === '' ? '' : `\nWhom to ask: ${contact}\n`}`,
  }),
}
