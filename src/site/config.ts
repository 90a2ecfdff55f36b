// The `sites` part of the configuration: directories of a built web UI.

import { z } from 'zod'
import { allowSchema } from '#access'
import { filePath } from '#config'
import { mountPath } from '#http'

const sitePath = mountPath().meta({ examples: ['/', '/app/cutout/'] })

const headerText = z.string().regex(/^[\x20-\x7e]+$/, { error: 'a header value is one line of plain ASCII text' })

const cacheRule = z.strictObject({
  extensions: z
    .array(z.string().regex(/^\.[A-Za-z0-9.]+$/, { error: 'an extension starts with a dot: .json' }))
    .min(1)
    .optional()
    .describe('How the names of the files end. Any ending if absent.'),
  files: z
    .array(z.string().regex(/^[^/*]+$/, { error: 'a file name has no slash: sw.js' }))
    .min(1)
    .optional()
    .describe('The names of the files, in any directory. Any name if absent.'),
  control: headerText.describe('The Cache-Control to send.').meta({ examples: ['no-store'] }),
})

const site = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z][a-z0-9-]*$/, { error: 'an id is small letters, digits and dashes, and starts with a letter' })
    .describe('Names the site in logs, metrics and refusals.'),
  path: sitePath.default('/').describe('Where the site is found. Our own pages and longer paths come first.'),
  directory: filePath().describe('What is served. It may be a symbolic link that a deployment switches.'),
  title: z.string().min(1).optional().describe('Shows the site on the home page under this name.'),
  allow: allowSchema.default(['public']).describe('Who may load the site. What it calls is checked on its own.'),
  spa: z
    .boolean()
    .default(true)
    .describe(
      'Whether index.html answers when a browser navigates to a path that is no file; missing assets stay 404.',
    ),
  cache: z
    .array(cacheRule)
    .default([])
    .describe(
      'Exceptions, the first that matches counts. Otherwise hashed names are kept for a year, HTML is asked for anew ' +
        'each time, and the rest after five minutes; a site that is not public is asked for anew each time.',
    ),
  contentSecurityPolicy: headerText
    .default(
      "default-src 'self'; img-src 'self' data: blob:; font-src 'self' data:; style-src 'self' 'unsafe-inline'; " +
        "worker-src 'self' blob:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'",
    )
    .describe('What the pages of the site may load and do.'),
})

export type SiteConfig = z.output<typeof site>

export const sitesConfig = z
  .array(site)
  .default([])
  .superRefine((sites, check) => {
    for (const key of ['id', 'path'] as const) {
      for (const [index, each] of sites.entries()) {
        if (sites.findIndex((other) => other[key] === each[key]) === index) continue
        const message = `another site has the ${key} "${each[key]}"`
        check.addIssue({
          code: 'custom',
          path: [index, key],
          message,
          params: { fix: `give one of the two another ${key}` },
        })
      }
    }
  })
  .meta({ title: 'Sites', description: 'Directories of built web pages, such as a single-page application.' })
