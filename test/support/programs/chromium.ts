// The system's Chromium, for playwright-core.

import { findProgram } from './find-program.ts'
import { isMissing, type Missing } from './missing.ts'

export interface Chromium {
  readonly executablePath: string
  readonly args: readonly string[]
}

/**
 * @example
 * const chromium = await findChromium()
 * if (!isMissing(chromium)) await playwright.launch({ ...chromium })
 */
export async function findChromium(): Promise<Chromium | Missing> {
  const program = await findProgram({ names: ['chromium', 'chromium-browser', 'google-chrome'], package: 'chromium' })
  if (isMissing(program)) return program
  const offTheNetwork = ['--disable-background-networking', '--disable-component-update', '--disable-sync']
  const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : []
  return { executablePath: program.path, args: [...offTheNetwork, ...asRoot, '--disable-dev-shm-usage'] }
}
