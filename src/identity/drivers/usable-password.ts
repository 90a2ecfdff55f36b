// What is not even asked about: an empty password is no password (directories take it for a login as nobody, and say
// yes), and behind a zero byte some do not read on.

const MAX_PASSWORD_LENGTH = 1024

export const isUsablePassword = (password: string): boolean =>
  password !== '' && password.length <= MAX_PASSWORD_LENGTH && !password.includes('\0')
