// Fixed headers and headers made of facts about the person: API keys, `X-Remote-User` and the like. Only for services
// that nobody can reach but through the gateway, because they believe what they are told.

import { z } from 'zod'
import type { Principal } from '#access'
import { secretRef } from '#config'
import { NOT_FOR_SIGNERS } from '../header-names.ts'
import type { Signer, SignerDriver } from '../signer.ts'

const FACTS = {
  username: (principal: Principal) => encode(principal.username),
  user_id: (principal: Principal) => encode(principal.userId),
  provider: (principal: Principal) => encode(principal.provider),
  subject: (principal: Principal) => encode(principal.subject),
  name: (principal: Principal) => encode(principal.displayName),
  email: (principal: Principal) => encode(principal.email ?? ''),
  groups: (principal: Principal) => principal.groups.map(encode).join(','),
} as const

const PLACEHOLDER = /\{([^{}]*)\}/g

function findNameFault(name: string, names: readonly string[]): string | undefined {
  if (!/^[A-Za-z0-9-]+$/.test(name)) return `"${name}" is not a header name of letters, digits and hyphens`
  if (NOT_FOR_SIGNERS.has(lower(name))) return `${name} is the gateway’s own to set`
  return names.some((other) => other !== name && lower(other) === lower(name))
    ? `${name} is there in other capital letters too`
    : undefined
}

const templateSchema = z
  .string()
  .regex(/^[\x20-\x7e]*$/, { error: 'a header value is made of visible ASCII characters' })
  .superRefine((template, check) => {
    for (const [placeholder, fact] of template.matchAll(PLACEHOLDER)) {
      if (Object.hasOwn(FACTS, fact ?? '')) continue
      const known = Object.keys(FACTS).map((name) => `{${name}}`)
      check.addIssue({ code: 'custom', message: `${placeholder} is not one of ${known.join(', ')}` })
    }
  })

const secretSchema = secretRef().refine((secret) => /^[\x20-\x7e]+$/.test(secret.reveal()), {
  error: 'the secret holds something else than visible ASCII characters, which no header can carry',
})

const config = z
  .strictObject({
    type: z.literal('header').describe('Sends fixed headers and facts about the person.'),
    headers: z
      .record(z.string(), z.union([templateSchema, secretSchema]))
      .describe(
        'Values by header name: a secret, or text with {username}, {user_id}, {provider}, {subject}, {name}, {email} and {groups} in it. What is not visible ASCII, and `%` and `,`, is percent-encoded in them; groups are joined with `,`.',
      )
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

/** A value for the person; undefined if it says something about a person and there is none. */
function compile(value: string | { reveal(): string }): (principal: Principal | undefined) => string | undefined {
  if (typeof value !== 'string') return () => value.reveal()
  if (!value.includes('{')) return () => value
  return (principal) =>
    principal && value.replace(PLACEHOLDER, (_placeholder, fact: keyof typeof FACTS) => FACTS[fact](principal))
}

const lower = (name: string): string => name.toLowerCase()

/** One spelling for every value, so that no two people, and no two lists of groups, look alike. */
const encode = (text: string): string =>
  text.replace(/[^\x21-\x7e]|[%,]/gu, (character) =>
    [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  )
