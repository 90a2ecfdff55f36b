// The path of an upstream or a site in the configuration. What could be read in two ways, or is ours, is refused there.

import { z } from 'zod'
import { RESERVED_PREFIXES } from './reserved-paths.ts'

/**
 * A prefix below the base path that starts and ends with a slash: `/`, `/api/manager/`.
 *
 * @example
 * path: mountPath().describe('Where the service is found.').meta({ examples: ['/api/manager/'] })
 */
export const mountPath = () =>
  prefixPath().superRefine((path, check) => {
    const own = OWN_PREFIXES.find((prefix) => path.toLowerCase().startsWith(prefix))
    if (own !== undefined) check.addIssue({ code: 'custom', message: `${own} is the gateway’s own` })
  })

/** The same for what is not served by the gateway itself: any such prefix. */
export const prefixPath = () =>
  z.string().superRefine((path, check) => {
    const message = findFault(path)
    if (message !== undefined) check.addIssue({ code: 'custom', message })
  })

/** Segments of plain characters: no other spelling of them would pass as a request's target. */
const PATH = /^\/(?:[A-Za-z0-9._~-]+\/)*$/
const OWN_PREFIXES = [...RESERVED_PREFIXES, '/healthz/', '/readyz/']

function findFault(path: string): string | undefined {
  if (!path.startsWith('/') || !path.endsWith('/')) return 'a path starts with "/" and ends with "/"'
  if (!PATH.test(path)) return 'a path is made of letters, digits and the characters . _ ~ - between slashes'
  return /\/\.{1,2}\//.test(path) ? 'a path has no "." and no ".." in it' : undefined
}
