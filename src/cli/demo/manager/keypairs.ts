// The keypairs that the Manager stand-in gives out: one for each account, made anew in each run, never on disk.

import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { randomToken, Secret } from '#kernel'
import type { DemoAccount } from '../accounts.ts'

export interface Keypair {
  readonly username: string
  readonly accessKey: string
  readonly secretKey: Secret
  readonly role: DemoAccount['role']
}

export interface Keypairs {
  /** The keypair of whoever has this name and this password. */
  findByPassword(username: string, password: string): Keypair | undefined
  findByAccessKey(accessKey: string): Keypair | undefined
}

/** @param newSecretKey for tests that must recognise the keys of their run. */
export function createKeypairs(
  accounts: readonly DemoAccount[],
  newSecretKey: () => string = () => randomToken(30),
): Keypairs {
  const entries = accounts.map((account) => ({ account, keypair: keypairFor(account, newSecretKey()) }))
  return Object.freeze({
    findByPassword: (username: string, password: string) =>
      entries.find(({ account }) => account.username === username && isSame(account.password.reveal(), password))
        ?.keypair,
    findByAccessKey: (accessKey: string) => entries.find(({ keypair }) => keypair.accessKey === accessKey)?.keypair,
  })
}

const keypairFor = ({ username, role }: DemoAccount, secretKey: string): Keypair => ({
  username,
  role,
  accessKey: `AKIA${randomBytes(8).toString('hex').toUpperCase()}`,
  secretKey: new Secret(secretKey),
})

const isSame = (a: string, b: string): boolean => timingSafeEqual(sha256(a), sha256(b))
const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest()
