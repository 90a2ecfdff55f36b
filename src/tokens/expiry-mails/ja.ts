// What is written about tokens that end soon, in Japanese.

import type { ExpiryMails } from './mails.ts'

export const ja: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `アクセストークン「${token}」の有効期限が近づいています`,
    text: `${name} 様

あなたのアクセストークン「${token}」（${prefix}…）は ${endsAt} に期限が切れます。その後、このトークンを使うプログラムは拒否されます。
${more === '' ? '' : `\n期限が近いその他のトークンの数：${more}\n`}
まだ必要な場合は、ここで新しいトークンを作成し、古いトークンと置き換えてください：
${link}

もう必要ない場合は、何もする必要はありません。
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `${account} の古いキーがまだ使われており、有効期限が近づいています`,
    text: `サービスアカウント ${account} のキー ${prefix}… は、新しいキーが作成されたため、${endsAt} に期限が切れます。その後も使われています：${usedAt}、アドレス ${usedFrom}。

そこで動作しているプログラムに新しいキーを設定するか、ここで別のキーを作成してください：
${link}

このメールは、このサービスの管理者にお送りしています。
`,
  }),
}
