// A path in the configuration. The loader makes it absolute before the schema sees it, relative to the file that names
// it (for an environment variable: to the working directory), so a directory of settings can be moved as one.

import { z } from 'zod'

/**
 * The path of a file or directory, relative to the configuration file that names it.
 *
 * @example
 * keyRing: filePath().optional().describe('The server\'s keys.')
 */
export const filePath = () =>
  z
    .string({ error: 'a path is text' })
    .min(1, { error: 'a path is not empty' })
    .refine((path) => !path.includes('\0'), { error: 'a path has no NUL character' })
    .meta({ 'x-type': 'path' })
