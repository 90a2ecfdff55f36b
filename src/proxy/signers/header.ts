// Fixed headers and headers made of facts about the person: API keys, `X-Remote-User` and the like. Only for services
// that nobody can reach but through the gateway, because they believe what they are told.

import { z } from 'zod'
import { compilePersonText, PERSON_FACTS, personTextSchema } from '#access'
import { secretRef } from '#config'
import { NOT_FOR_SIGNERS } from '../header-names.ts'
import type { Signer, SignerDriver } from '../signer.ts'

function findNameFault(name: string, names: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9-]+$/.test(name)) return `"${name}" is not a header name of letters, digits and hyphens`
  if (NOT_FOR_SIGNERS.has(lower(name))) return `${name} is the gateway’s own to set`
  return names.some((other) => other !== name && lower(other) === lower(name))
    ? `${name} is there in other capital letters too`
    : undefined
}

const secretSchema = secretRef().refine((secret) => /^[\x20-\x7e]+$/.test(secret.reveal()), {
  error: 'the secret holds something else than visible ASCII characters, which no header can carry',
})

const config = z
  .strictObject({
    type: z.literal('header').describe('Sends fixed headers and facts about the person.'),
    headers: z
      .record(z.string(), z.union([personTextSchema, secretSchema]))
      .describe(`Values by header name: a secret, or text with facts about the person in it: ${PERSON_FACTS}.`)
      .superRefine((headers, check) => {
        for (const name of Object.keys(headers)) {
          const message = findNameFault(name, Object.keys(headers))
          if (message !== undefined) check.addIssue({ code: 'custom', message, path: [name] })
        }
      })
      .meta({ examples: [{ 'X-Remote-User': '{username}', 'X-Remote-Groups': '{groups}' }] }),
  })
  .meta({ title: 'header', description: 'Fixed headers, and headers made of facts about the person.' })

export const headerSigner: SignerDriver<typeof config> = {
  type: 'header',
  config,
  create({ headers }, { access }) {
    const written = Object.entries(headers).map(([name, value]) => ({ name: lower(name), write: compile(value) }))
    return Object.freeze<Signer>({
      owns: written.map(({ name }) => name),
      sign(_request, ctx) {
        const principal = access.principal(ctx)
        const list: string[] = []
        for (const { name, write } of written) {
          const value = write(principal)
          if (value !== undefined) list.push(name, value)
        }
        return list
      },
    })
  },
}

const compile = (value: string | { reveal(): string }) =>
  typeof value === 'string' ? compilePersonText(value) : () => value.reveal()

const lower = (name: string): string => name.toLowerCase()
