// What the page makes of the answer to a login, as the Web UI of the Manager's own version does: the older reads the words
// of a 200, the newer the Manager's status and its problem's type.

const words = [
  ['User credential mismatch.', 'login', 'mismatch'],
  ['You must register Two-Factor Authentication.', 'register', 'needsRegistration'],
  ['You must authenticate using Two-Factor Authentication.', 'second-factor', 'needsCode'],
  ['OTP not provided', 'second-factor', 'needsCode'],
  ['Invalid TOTP code provided', 'second-factor', 'wrongCode'],
  ['Failed to validate OTP', 'second-factor', 'wrongCode'],
]

const types = {
  'auth-failed': ['login', 'mismatch'],
  'require-totp-registration': ['register', 'needsRegistration'],
  'require-totp-authentication': ['second-factor', 'needsCode'],
  'rejected-by-hook': ['second-factor', 'wrongCode'],
  'password-expired': ['password-expired', 'expired'],
  'active-login-session-exists': ['login', 'activeElsewhere'],
  'login-blocked': ['login', 'tooMany'],
}

/** @returns {{ state: string, text?: string }} the page's next state */
export function judgeLogin({ status, body }, release) {
  if (status === 200 && body?.authenticated === true) return { state: 'start' }
  if (status === 429) return { state: 'login', text: 'tooMany' }
  return isOlder(release) ? judgeByWords(status, body) : judgeByType(body)
}

const isOlder = (release) => Number.parseFloat(release) < 26.4

function judgeByWords(status, body) {
  if (status !== 200) return { state: 'login', text: 'noManager' }
  const details = body?.data?.details ?? ''
  if (details.startsWith('Password expired on ')) return { state: 'password-expired', text: 'expired' }
  const [, state = 'login', text = 'mismatch'] = words.find(([word]) => details.includes(word)) ?? []
  return { state, text }
}

function judgeByType(body) {
  const type = String(body?.data?.type ?? '')
    .split('/')
    .at(-1)
  const [state = 'login', text = 'noManager'] = types[type] ?? []
  return { state, text }
}
