// The encrypted connection to a store: whom the gateway believes, and how it proves who it is.

import { z } from 'zod'
import { pemFile } from '#config'
import { Secret } from '#kernel'

/** @param more what only this kind of store has */
export const storeTlsSchema = <More extends z.ZodRawShape>(more: More) =>
  z
    .strictObject({
      ca: pemFile().optional().describe('Authorities to trust, PEM; instead of the well-known ones.'),
      certificate: pemFile().optional().describe('Our own certificate, PEM, for a server that asks for one.'),
      key: pemFile()
        .transform((text) => new Secret(text))
        .optional()
        .describe('The private key of our own certificate, PEM, without a passphrase.'),
      dangerouslyAcceptAnyCertificate: z
        .boolean()
        .default(false)
        .describe('Whoever answers is believed, and gets the password. Never in production.'),
      ...more,
    })
    .refine((tls) => isPair(tls), {
      error: 'certificate and key go together',
      params: { fix: 'give both, or neither' },
    })

const isPair = ({ certificate, key }: { readonly certificate?: unknown; readonly key?: unknown }): boolean =>
  (certificate === undefined) === (key === undefined)
