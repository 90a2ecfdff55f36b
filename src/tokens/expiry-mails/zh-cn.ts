// What is written about tokens that end soon, in Simplified Chinese.

import type { ExpiryMails } from './mails.ts'

export const zhCN: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `您的访问令牌“${token}”即将到期`,
    text: `${name}，您好：

您的访问令牌“${token}”（${prefix}…）将于 ${endsAt} 到期。此后，使用该令牌的程序将被拒绝。
${more === '' ? '' : `\n您其他即将到期的令牌数：${more}\n`}
如果您仍需要它，请在此处创建新令牌，并替换旧令牌：
${link}

如果您不再需要它，则无需任何操作。
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `${account} 的旧密钥仍在使用且即将到期`,
    text: `由于已创建新密钥，服务账户 ${account} 的密钥 ${prefix}… 将于 ${endsAt} 到期。此后它仍被使用过：${usedAt}，来自 ${usedFrom}。

请将新密钥交给在该处运行的程序，或在此处再创建一个：
${link}

您收到此邮件是因为您管理本服务。
`,
  }),
}
