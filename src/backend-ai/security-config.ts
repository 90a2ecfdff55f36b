// `backendAi.security`: the policies that a webserver of Backend.AI knows, by the same names (§6.1, §6.3).

import { z } from 'zod'

/** In the order in which they are sent. */
export const CSP_DIRECTIVES = [
  'default-src',
  'connect-src',
  'img-src',
  'media-src',
  'font-src',
  'script-src',
  'style-src',
  'frame-src',
  'object-src',
  'frame-ancestors',
  'form-action',
] as const

/** Visible ASCII but for commas and semicolons, which end a source. */
export const CSP_SOURCE = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/

export const REQUEST_POLICIES = ['reject_metadata_local_link_policy', 'reject_access_for_unsafe_file_policy'] as const
export const RESPONSE_POLICIES = ['set_content_type_nosniff_policy'] as const

const sourcesSchema = z.array(
  z.string().regex(CSP_SOURCE, {
    error: "a source has no spaces, commas or semicolons: write each as an item of its own, such as 'self' or data:",
  }),
)

const cspSchema = z
  .strictObject(
    Object.fromEntries(
      CSP_DIRECTIVES.map((directive) => [
        directive,
        sourcesSchema.optional().describe(`The sources of ${directive}. Not sent if absent or empty.`),
      ]),
    ) as Record<(typeof CSP_DIRECTIVES)[number], z.ZodOptional<typeof sourcesSchema>>,
  )
  .meta({ title: 'Content security policy' })

export const securitySchema = z
  .strictObject({
    requestPolicies: z
      .array(z.enum(REQUEST_POLICIES))
      .default([])
      .describe(
        'What is refused with 403: requests in the name of a cloud’s metadata service, and for what version control and editors leave behind.',
      )
      .meta({ examples: [[...REQUEST_POLICIES]] }),
    responsePolicies: z
      .array(z.enum(RESPONSE_POLICIES))
      .default([])
      .describe(
        'What is added to answers. They have it all the same: the name is known so that old lists go on working.',
      ),
    csp: cspSchema
      .optional()
      .describe(
        "The Content-Security-Policy of the Web UI’s files. A source `'nonce'` becomes a fresh one each time from profile 26.4 on, and stands in index.html where that says {{nonce}}.",
      )
      .meta({ examples: [{ 'default-src': ["'self'"], 'frame-ancestors': ["'none'"] }] }),
  })
  .prefault({})
  .meta({ title: 'Security' })

export type SecurityConfig = z.output<typeof securitySchema>
