// What people type that is not even asked about, at providers that are asked in their name.

import { toPrintable } from '../printable.ts'

const MAX_NAME_LENGTH = 255
const MAX_PASSWORD_LENGTH = 1024

/** What we would have to alter before showing it is nobody's name. */
export const isUsableName = (name: string): boolean => name !== '' && toPrintable(name, MAX_NAME_LENGTH) === name

/** An empty one is a login as nobody in directories, which say yes to it; and behind a zero byte some do not read on. */
export const isUsablePassword = (password: string): boolean =>
  password !== '' && password.length <= MAX_PASSWORD_LENGTH && !password.includes('\0')
