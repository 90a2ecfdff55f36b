// Loaded into another process by `--import`: writes the name of each package that is loaded there, once, into a file.

import { appendFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const file = process.env.GATEHOUSE_TEST_PACKAGES
const noted = new Set<string>()

registerHooks({
  load(url, context, next) {
    const [, name] = /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url) ?? []
    if (file !== undefined && name !== undefined && !noted.has(name)) {
      noted.add(name)
      appendFileSync(file, `${name}\n`)
    }
    return next(url, context)
  },
})
