// What is written about sign-ups, in Korean.

import type { SignUpMails } from './mails.ts'

export const ko: SignUpMails = {
  asked: ({ name, username, provider, email, link }) => ({
    subject: `${name} 님이 승인을 기다리고 있습니다`,
    text: `처음 로그인한 사용자가 관리자의 승인을 기다리고 있습니다.

이름: ${name}
사용자 이름: ${username}
로그인 방법: ${provider}
이메일(제공자에 따름): ${email}

로그인한 후 여기에서 결정하세요:
${link}

이 서비스의 관리자이므로 이 메일을 받으셨습니다. 누군가 결정할 때까지 아무 일도 일어나지 않습니다.
`,
  }),
  approved: ({ name, link }) => ({
    subject: '계정이 승인되었습니다',
    text: `${name} 님, 안녕하세요.

계정이 승인되었습니다. 지금부터 이용할 수 있습니다:
${link}
`,
  }),
  refused: ({ name, contact }) => ({
    subject: '계정이 승인되지 않았습니다',
    text: `${name} 님, 안녕하세요.

관리자가 계정을 승인하지 않기로 결정했습니다.
${contact === '' ? '' : `\n문의할 곳: ${contact}\n`}`,
  }),
}
