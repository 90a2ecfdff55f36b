// `Authorization: Basic` (RFC 7617): the person's own name and password where a provider keeps them, or a fixed account
// of the service.

import { z } from 'zod'
import { secretRef } from '#config'
import type { Credential } from '#sessions'
import { signerErrors } from '../errors.ts'
import type { SignedUpstream, Signer, SignerDriver } from '../signer.ts'

const config = z
  .strictObject({
    type: z.literal('basic').describe('Sends a user name and a password.'),
    credential: z
      .string()
      .min(1)
      .optional()
      .describe('The id of the identity provider whose password for the person is sent.')
      .meta({ examples: ['facility'] }),
    username: z
      .string()
      .regex(/^[^:\p{Cc}]+$/u, { error: 'a user name here has no colon and no control characters (RFC 7617)' })
      .optional()
      .describe('The name of a fixed account, for everybody.'),
    password: secretRef().optional().describe('The password of the fixed account.'),
  })
  .superRefine(({ credential, username, password }, check) => {
    const isFixed = username !== undefined && password !== undefined
    const isPartial = (username === undefined) !== (password === undefined)
    if (isPartial || isFixed === (credential !== undefined)) {
      check.addIssue({
        code: 'custom',
        message: 'basic needs either credential, or username and password',
        params: { fix: 'write username and password, and no credential; or credential alone' },
      })
    }
  })
  .meta({ title: 'basic', description: 'A user name and a password: the person’s own, or those of a fixed account.' })

export const basicSigner: SignerDriver<typeof config> = {
  type: 'basic',
  config,
  create({ credential: name, username, password }, { identity }, upstream) {
    const fixed = username === undefined || password === undefined ? undefined : headerOf(username, password.reveal())
    return Object.freeze<Signer>({
      owns: ['authorization'],
      sign(_request, ctx) {
        if (fixed !== undefined || name === undefined) return fixed ?? []
        const credential = identity.credential(ctx, name)
        if (credential instanceof Promise) return credential.then((fresh) => headerFor(fresh, upstream, name))
        return headerFor(credential, upstream, name)
      },
    })
  },
}

function headerFor(credential: Credential, upstream: SignedUpstream, name: string): readonly string[] {
  // A colon ends the name (RFC 7617 §2): sent all the same, it would log in another person.
  if (credential.kind !== 'password' || credential.username.includes(':')) {
    throw signerErrors.unsuitable({ upstream: upstream.id, credential: name })
  }
  return headerOf(credential.username, credential.password.reveal())
}

const headerOf = (username: string, password: string): readonly string[] => [
  'authorization',
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
]
