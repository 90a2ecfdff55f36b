// What is written about tokens that end soon, in Korean.

import type { ExpiryMails } from './mails.ts'

export const ko: ExpiryMails = {
  token: ({ name, token, prefix, endsAt, more, link }) => ({
    subject: `액세스 토큰 ‘${token}’이(가) 곧 만료됩니다`,
    text: `${name} 님, 안녕하세요.

액세스 토큰 ‘${token}’(${prefix}…)이(가) ${endsAt}에 만료됩니다. 그 이후에는 이 토큰을 사용하는 프로그램이 거부됩니다.
${more === '' ? '' : `\n곧 만료되는 다른 토큰 수: ${more}\n`}
계속 필요하면 여기에서 새 토큰을 만들어 기존 토큰 대신 사용하세요:
${link}

더 이상 필요하지 않으면 아무것도 하지 않아도 됩니다.
`,
  }),
  key: ({ account, prefix, endsAt, usedAt, usedFrom, link }) => ({
    subject: `${account}의 이전 키가 아직 사용 중이며 곧 만료됩니다`,
    text: `서비스 계정 ${account}의 키 ${prefix}…은(는) 새 키가 만들어졌으므로 ${endsAt}에 만료됩니다. 그 후에도 사용되었습니다: ${usedAt}, 주소 ${usedFrom}.

그곳에서 실행 중인 프로그램에 새 키를 설정하거나, 여기에서 다른 키를 만드세요:
${link}

이 서비스의 관리자이므로 이 메일을 받으셨습니다.
`,
  }),
}
