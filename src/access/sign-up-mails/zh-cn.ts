// What is written about sign-ups, in Simplified Chinese.

import type { SignUpMails } from './mails.ts'

export const zhCN: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} 正在等待您的批准`,
    text: `有人首次登录，正在等待管理员批准。

姓名：${name}
用户名：${username}
登录方式：${provider}
电子邮件（由登录提供方提供）：${email}

请登录后在此处决定：
${link}

您收到此邮件是因为您管理本服务。在有人作出决定之前，不会发生任何变化。
`,
  }),
  approved: ({ name, link }) => ({
    subject: '您的账户已获批准',
    text: `${name}，您好：

您的账户已获批准，现在即可使用：
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: '您的账户未获批准',
    text: `${name}，您好：

管理员决定不批准您的账户。
${contact === '' ? '' : `\n联系人：${contact}\n`}`,
  }),
}
