// Reads whose a keypair is, from the Manager's answer to a GraphQL query that it signed.

import { z } from 'zod'
import { toPrintable } from '#identity'

/** What we would have to alter before showing it is nobody's name. */
const name = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => toPrintable(text, 255) === text)

const answer = z.object({ data: z.object({ user: z.object({ email: name }) }), errors: z.undefined().optional() })

/** @returns undefined for what does not name exactly one person */
export const readUsername = (body: unknown): string | undefined => answer.safeParse(body).data?.data.user.email
