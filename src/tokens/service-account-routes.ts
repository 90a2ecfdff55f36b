// The API of service accounts, for administrators. Times go in as whole seconds and come out so.

import { z } from 'zod'
import { defineRoute, json, noContent, type Route } from '#http'
import { tokenErrors } from './errors.ts'
import { iso, listedToken, shownSecret, toListedToken } from './listed-token.ts'
import { changedBy } from './routes.ts'
import type { RotatedKey, ServiceAccount, ServiceAccounts } from './service-accounts.ts'

const MAX_SECONDS = 10 * 366 * 86_400

const nameParams = z.object({ name: z.string().max(63).describe('The name of the service account.') })
const overlapSeconds = z.int().min(0).max(MAX_SECONDS)

const settings = z.strictObject({
  description: z.string().max(500).optional().describe('What it is for.'),
  groups: z.array(z.string().min(1).max(255)).max(100).optional().describe('The groups that it is in, for policies.'),
  scopes: z.array(z.string().max(110)).max(50).optional().describe('What its keys may be used for.'),
  rotateEverySeconds: z
    .int()
    .min(60)
    .max(MAX_SECONDS)
    .nullable()
    .optional()
    .describe('How often its key rotates by itself, into a file of `tokens.keyFolder`; `null` for never.'),
  overlapSeconds: overlapSeconds.optional().describe('How long keys stay good after a newer one was made.'),
})

const accountBody = z.object({
  name: z.string(),
  userId: z.string(),
  description: z.string(),
  groups: z.array(z.string()),
  scopes: z.array(z.string()),
  rotateEverySeconds: z.int().optional(),
  overlapSeconds: z.int(),
  createdAt: z.iso.datetime(),
  rotatedAt: z.iso.datetime().optional(),
  isDisabled: z.boolean(),
  keys: z.array(listedToken).describe('Those that are good now, the newest first.'),
})

const rotatedBody = z.object({ account: accountBody, key: listedToken, secret: shownSecret })

export type ListedServiceAccount = z.output<typeof accountBody>

export const toListedAccount = (account: ServiceAccount): ListedServiceAccount => ({
  name: account.name,
  userId: account.userId,
  description: account.description,
  groups: [...account.groups],
  scopes: [...account.scopes],
  ...(account.rotateEveryMs !== undefined && { rotateEverySeconds: account.rotateEveryMs / 1000 }),
  overlapSeconds: account.overlapMs / 1000,
  createdAt: iso(account.createdAt),
  ...(account.rotatedAt !== undefined && { rotatedAt: iso(account.rotatedAt) }),
  isDisabled: account.isDisabled,
  keys: account.keys.map(toListedToken),
})

export function createServiceAccountRoutes(accounts: ServiceAccounts): readonly Route[] {
  const setDisabled = (word: string, isDisabled: boolean, summary: string): Route =>
    defineRoute({
      method: 'POST',
      path: `${PATH}/:name/${word}`,
      routeClass: 'api',
      access: 'admin',
      summary,
      params: nameParams,
      output: { 200: z.object({ account: accountBody }) },
      handle: async (ctx, { params }) =>
        json({ account: toListedAccount(await accounts.setDisabled(params.name, isDisabled, changedBy(ctx))) }),
    })

  return [
    defineRoute({
      method: 'GET',
      path: PATH,
      routeClass: 'api',
      access: 'admin',
      summary: 'The service accounts, by name.',
      output: { 200: z.object({ accounts: z.array(accountBody) }) },
      handle: async () => json({ accounts: (await accounts.list()).map(toListedAccount) }),
    }),
    defineRoute({
      method: 'PUT',
      path: `${PATH}/:name`,
      routeClass: 'api',
      access: 'admin',
      recentLogin: true,
      summary: 'Creates a service account, with a first key in the answer (201), or brings it to these settings (200).',
      params: nameParams,
      body: settings,
      output: { 200: z.object({ account: accountBody }), 201: rotatedBody },
      handle: async (ctx, { params, body }) => {
        const { rotateEverySeconds, overlapSeconds: overlap, ...rest } = body
        const wanted = { ...rest, rotateEveryMs: inMs(rotateEverySeconds), overlapMs: inMs(overlap) ?? undefined }
        const done = await accounts.put(params.name, wanted, changedBy(ctx))
        return done.isNew ? json(toRotated(done), 201) : json({ account: toListedAccount(done.account) })
      },
    }),
    defineRoute({
      method: 'POST',
      path: `${PATH}/:name/rotate`,
      routeClass: 'api',
      access: 'admin',
      recentLogin: true,
      summary: 'Makes a new key; the others stay good for the overlap. The secret is in this answer alone.',
      params: nameParams,
      body: z.strictObject({
        overlapSeconds: overlapSeconds
          .optional()
          .describe('Instead of the overlap of the account; 0 ends them at once.'),
      }),
      output: { 201: rotatedBody },
      handle: async (ctx, { params, body }) => {
        const overlapMs = inMs(body.overlapSeconds) ?? undefined
        return json(toRotated(await accounts.rotate(params.name, changedBy(ctx), { overlapMs })), 201)
      },
    }),
    setDisabled('disable', true, 'Keeps a service account out, and ends what it has open, on every node.'),
    setDisabled('enable', false, 'Lets a service account in again, with the keys that it has.'),
    defineRoute({
      method: 'DELETE',
      path: `${PATH}/:name/keys/:id`,
      routeClass: 'api',
      access: 'admin',
      summary: 'Revokes one key at once, overlap or not.',
      params: nameParams.extend({ id: z.string().max(64).describe('The id of a key, from the list.') }),
      handle: async (ctx, { params }) => {
        if (!(await accounts.revokeKey(params.name, params.id, changedBy(ctx)))) throw tokenErrors.unknown({})
        return noContent()
      },
    }),
  ]
}

const PATH = '/api/v1/admin/service-accounts'

const toRotated = ({ account, key, secret }: RotatedKey) => ({
  account: toListedAccount(account),
  key: toListedToken(key),
  secret: secret.reveal(),
})

const inMs = <Absent extends null | undefined>(seconds: number | Absent): number | Absent =>
  typeof seconds === 'number' ? seconds * 1000 : seconds
