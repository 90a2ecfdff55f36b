// `Authorization: Basic` (RFC 7617): the person's own name and password where a provider keeps them, their access token as
// the password of a name that the service wants for it, or a fixed account of the service.

import { z } from 'zod'
import { secretRef } from '#config'
import type { Credential } from '#sessions'
import { signerErrors } from '../errors.ts'
import type { Signer, SignerDriver } from '../signer.ts'

const config = z
  .strictObject({
    type: z.literal('basic').describe('Sends a user name and a password.'),
    credential: z
      .string()
      .min(1)
      .optional()
      .describe(
        'The id of the identity provider whose password for the person is sent; with `username`, whose access token.',
      )
      .meta({ examples: ['facility'] }),
    username: z
      .string()
      .regex(/^[^:\p{Cc}]+$/u, { error: 'a user name here has no colon and no control characters (RFC 7617)' })
      .optional()
      .describe(
        'With `password`: the name of a fixed account, for everybody. With `credential`: what the service wants as the name where the password is an access token, such as `oauth2` of GitLab’s repositories.',
      ),
    password: secretRef().optional().describe('The password of the fixed account.'),
  })
  .superRefine(({ credential, username, password }, check) => {
    const isFixed = username !== undefined && password !== undefined && credential === undefined
    const isOwn = credential !== undefined && password === undefined
    if (isFixed === isOwn) {
      check.addIssue({
        code: 'custom',
        message: 'basic needs either credential, or username and password',
        params: { fix: 'write username and password, and no credential; or credential, and no password' },
      })
    }
  })
  .meta({ title: 'basic', description: 'A user name and a password: the person’s own, or those of a fixed account.' })

export const basicSigner: SignerDriver<typeof config> = {
  type: 'basic',
  config,
  create({ credential: name, username, password }, { identity }, upstream) {
    const fixed = username === undefined || password === undefined ? undefined : headerOf(username, password.reveal())
    const headerFor = (held: Credential, id: string): readonly string[] => {
      const account = username === undefined ? accountOf(held) : tokenAccountOf(held, username)
      if (account === undefined) throw signerErrors.unsuitable({ upstream: upstream.id, credential: id })
      return headerOf(...account)
    }
    return Object.freeze<Signer>({
      owns: ['authorization'],
      sign(_request, ctx) {
        if (fixed !== undefined || name === undefined) return fixed ?? []
        const credential = identity.credential(ctx, name)
        if (credential instanceof Promise) return credential.then((fresh) => headerFor(fresh, name))
        return headerFor(credential, name)
      },
    })
  },
}

type Account = readonly [username: string, password: string]

/** A colon ends the name (RFC 7617 §2): sent all the same, it would log in another person. */
const accountOf = (credential: Credential): Account | undefined =>
  credential.kind !== 'password' || credential.username.includes(':')
    ? undefined
    : [credential.username, credential.password.reveal()]

const tokenAccountOf = (credential: Credential, username: string): Account | undefined =>
  credential.kind === 'oauth' ? [username, credential.accessToken.reveal()] : undefined

const headerOf = (username: string, password: string): readonly string[] => [
  'authorization',
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
]
