// The system's Chromium, for playwright-core: the one without windows where it can be had. It draws the same pages with the
// same engine, and opens one in a fifth of the time: the other builds a window that nobody sees for each context.

import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'

export interface Chromium {
  readonly executablePath: string
  readonly args: readonly string[]
}

const SHELL = 'chromium-headless-shell'

/**
 * @example
 * const chromium = await findChromium()
 * if (!isMissing(chromium)) await playwright.launch({ ...chromium })
 */
export async function findChromium(): Promise<Chromium | Missing> {
  const program = await findProgram({
    names: [SHELL],
    package: SHELL,
    instead: ['chromium', 'chromium-browser', 'google-chrome'],
  })
  if (isMissing(program)) return program
  const offTheNetwork = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return { executablePath: program.path, args: [...offTheNetwork, ...asRoot, '--disable-dev-shm-usage'] }
}
