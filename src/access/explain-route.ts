// The policy tester, for administrators: may this person send this request, by which rule, and what is missing? To ask is
// no access: nothing is refused to anybody, and nothing is written to the audit log.

import { z } from 'zod'
import { defineRoute, json, type Route } from '#http'
import type { Principal } from './access.ts'
import { accessErrors } from './errors.ts'
import { ANONYMOUS, type Explain, type Explanation } from './explain.ts'
import { plainText } from './route-words.ts'

const question = z.strictObject({
  user: plainText(600)
    .min(1)
    .describe(`A user id, \`provider/subject\`, a username that only one user has, or \`${ANONYMOUS}\`.`),
  method: z
    .string()
    .max(20)
    .regex(/^[A-Za-z]+$/, { error: 'a method is made of letters: GET, POST' }),
  path: z
    .string()
    .max(4096)
    .regex(/^(?:\/|https?:\/\/)/i, { error: 'a path starts with "/", a whole address with https://' })
    .describe('As in the address bar: a path, or the whole address where the service has a host of its own.'),
  groups: z
    .array(z.string().min(1).max(255))
    .max(100)
    .default([])
    .describe('As if the person were in these groups too; `local:NAME` for those of Gatehouse’s own.'),
})

const personSchema = z.object({
  id: z.string().optional().describe('Absent for somebody who has never logged in here.'),
  username: z.string(),
  displayName: z.string(),
  provider: z.string(),
  subject: z.string(),
  groups: z.array(z.string()).describe('Of the last login, of Gatehouse’s own, and those supposed.'),
  isAdmin: z.boolean(),
  isPending: z.boolean(),
})

const answer = z.object({
  decision: z.enum(['allowed', 'refused', 'nothing-there']).describe('`nothing-there`: the answer would be 404.'),
  method: z.string(),
  path: z.string(),
  user: personSchema.optional().describe('Absent for `anonymous`.'),
  answeredBy: z
    .object({ kind: z.enum(['gatehouse', 'service']), id: z.string().optional(), address: z.string() })
    .optional(),
  rule: z.string().optional().describe('The rule that decided.'),
  place: z.string().optional().describe('Where it stands in the configuration: `upstreams[0].rules[1]`.'),
  because: z.string().optional().describe('Why not, as the person is told.'),
  missing: z.array(z.string()).describe('Each of these entries alone would be enough.'),
  contact: z.string().optional().describe('Whom people are told to ask.'),
})

export interface ExplainRouteDeps {
  readonly explain: Explain
  /** Whom to ask, as the operator wrote it. */
  readonly contact: string | undefined
}

export const createExplainRoute = ({ explain, contact }: ExplainRouteDeps): Route =>
  defineRoute({
    method: 'POST',
    path: '/api/v1/admin/explain',
    routeClass: 'api',
    access: 'admin',
    summary:
      'Says whether somebody may send a request, by which rule, and what is missing, as `gatehouse explain` does. Nothing is sent or changed.',
    body: question,
    output: { 200: answer },
    handle: async (_ctx, { body: { user, method, path, groups } }) => {
      const explanation = await explain({ user, method, address: path, groups })
      if (explanation === undefined) throw accessErrors.personUnknown({})
      return json(toAnswer(explanation, contact))
    },
  })

const toAnswer = (
  { person, isSupposed, answeredBy, missing, ...rest }: Explanation,
  contact: string | undefined,
): z.input<typeof answer> => ({
  ...rest,
  ...(person && { user: toPerson(person, isSupposed) }),
  ...(answeredBy && { answeredBy }),
  missing: [...missing],
  ...(contact !== undefined && { contact }),
})

const toPerson = ({ userId, email: _email, groups, ...person }: Principal, isSupposed: boolean) => ({
  ...(!isSupposed && { id: userId }),
  ...person,
  groups: [...groups],
})
