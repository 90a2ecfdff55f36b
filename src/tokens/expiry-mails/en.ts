// What is written about tokens that end soon, in English.

import type { ExpiryMails } from './mails.ts'

export const en: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `Your access token “${token}” ends soon`,
    text: `Dear ${name},

your access token “${token}” (${prefix}…) ends on ${endsAt}. Programs that use it are refused from then on.
${more === '' ? '' : `\nOthers of your tokens that end soon: ${more}\n`}
If you still need it, make a new one here, and put it where the old one is used:
${link}

If you do not need it any more, there is nothing to do.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `An old key of ${account} is still in use and ends soon`,
    text: `The key ${prefix}… of the service account ${account} ends on ${endsAt}, because a newer one was made. It has been used since: on ${usedAt}, from ${usedFrom}.

Give the newer key to the program that runs there, or make another one here:
${link}

You get this mail because you administer this service.
`,
  }),
}
