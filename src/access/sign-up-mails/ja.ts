// What is written about sign-ups, in Japanese.

import type { SignUpMails } from './mails.ts'

export const ja: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} さんが承認を待っています`,
    text: `初めてログインした人が、管理者の承認を待っています。

名前：${name}
ユーザー名：${username}
ログイン方法：${provider}
メールアドレス（プロバイダーによる）：${email}

ログインして、次のページで承認または拒否してください：
${link}

このメールは、このサービスの管理者にお送りしています。誰かが判断するまで、何も行われません。
`,
  }),
  approved: ({ name, link }) => ({
    subject: 'アカウントが承認されました',
    text: `${name} 様

アカウントが承認されました。今すぐご利用いただけます：
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: 'アカウントは承認されませんでした',
    text: `${name} 様

管理者の判断により、アカウントは承認されませんでした。
${contact === '' ? '' : `\n問い合わせ先：${contact}\n`}`,
  }),
}
