// What the command line says, and what is made of it the same way for every question.

import type { ProfileName } from '../probe/provider-profiles.ts'
import type { GivenSecret, Login, State } from './answers.ts'
import type { Prompts } from './prompts.ts'

/** As commander reads them. */
export interface InitFlags {
  readonly url?: string
  readonly login?: Login['type']
  readonly profile?: ProfileName
  readonly issuer?: string
  readonly clientId?: string
  readonly clientSecretFile?: string
  readonly authorizationUrl?: string
  readonly tokenUrl?: string
  readonly userinfoUrl?: string
  readonly subject?: string
  readonly endpoint?: string
  readonly path?: string
  readonly to?: string
  readonly allow?: string
  readonly state?: State['type']
  readonly redis?: string
  readonly redisPasswordFile?: string
  readonly database?: string
  readonly databasePasswordFile?: string
}

/** The options, of those that an answer needs, which are still to be given. */
export function need(options: { readonly [Key in keyof InitFlags]?: string }): (flags: InitFlags) => readonly string[] {
  return (flags) =>
    Object.entries(options).flatMap(([key, option]) => (flags[key as keyof InitFlags] === undefined ? [option] : []))
}

/** A secret that stands in a file already, under its key; nothing if there is no file. */
export const fileSecret = <Key extends string>(
  key: Key,
  file: string | undefined,
): { readonly [K in Key]?: GivenSecret } =>
  file === undefined ? {} : ({ [key]: { file } } as { readonly [K in Key]: GivenSecret })

export async function askSecret(
  prompts: Prompts,
  question: string,
  file: string | undefined,
): Promise<GivenSecret | undefined> {
  if (file !== undefined) return { file }
  const typed = await prompts.secret(question)
  return typed && { typed }
}
