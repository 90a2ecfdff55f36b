// Parts of the configuration that say how a facility's REST interface is called; the login uses some, other features some.

import { z } from 'zod'
import { httpUrl, secretRef } from '#config'

/** Where in an address or an answer the name of a person goes. */
export const USERNAME = '$USERNAME'

/** HTTP Basic (RFC 7617), for the calls that need it. */
export const facilityBasic = z
  .strictObject({
    username: z
      .string()
      .regex(/^[^:\p{Cc}]+$/u, { error: 'a user name of HTTP Basic has no colon and no control characters' })
      .describe('The name under which the facility knows this gateway.')
      .meta({ examples: ['gatehouse'] }),
    password: secretRef().describe('What the facility gave for that name.'),
  })
  .describe('What this gateway proves itself with (HTTP Basic).')

/** Once, and in the path. */
const NAMES_PERSON = /^https?:\/\/[^/?$]+\/[^?$]*\$USERNAME[^$]*$/i

/** The address of somebody's experiments, with `$USERNAME` where the name goes. */
export const experimentsUrl = () =>
  httpUrl()
    .regex(NAMES_PERSON, {
      error: 'the address has $USERNAME once, in its path, as in https://office.example.org/experiments/$USERNAME/',
    })
    .meta({ examples: ['https://office.example.org/experiments/$USERNAME/'] })
