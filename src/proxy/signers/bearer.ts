// `Authorization: Bearer` with the access token that an OAuth provider gave for the person. Identity refreshes it.

import { z } from 'zod'
import type { Credential } from '#sessions'
import { signerErrors } from '../errors.ts'
import type { SignedUpstream, Signer, SignerDriver } from '../signer.ts'

const config = z
  .strictObject({
    type: z.literal('bearer').describe('Sends the access token of an OAuth provider.'),
    credential: z
      .string()
      .min(1)
      .describe('The id of the identity provider whose access token is sent.')
      .meta({ examples: ['sso'] }),
  })
  .meta({ title: 'bearer', description: 'The access token that an OAuth provider gave for the person.' })

export const bearerSigner: SignerDriver<typeof config> = {
  type: 'bearer',
  config,
  create: ({ credential: name }, { identity }, upstream) =>
    Object.freeze<Signer>({
      owns: ['authorization'],
      sign(_request, ctx) {
        const credential = identity.credential(ctx, name)
        if (credential instanceof Promise) return credential.then((fresh) => headerFor(fresh, upstream, name))
        return headerFor(credential, upstream, name)
      },
    }),
}

function headerFor(credential: Credential, upstream: SignedUpstream, name: string): readonly string[] {
  if (credential.kind !== 'oauth') throw signerErrors.unsuitable({ upstream: upstream.id, credential: name })
  return ['authorization', `Bearer ${credential.accessToken.reveal()}`]
}
