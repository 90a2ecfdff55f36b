// A real Chromium for tests: one browser per file, a fresh context (no cookies, nothing kept) per person.
// Kept off the network: what a test opens is on this machine.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Locator, type Page } from 'playwright-core'
import { buildWeb } from '../../scripts/build-web.ts'
import { findChromium, isMissing, type Missing } from './programs.ts'

export interface TestBrowser extends AsyncDisposable {
  /** A page in a context of its own. */
  newPage(look?: Look): Promise<Page>
  close(): Promise<void>
}

export interface Look {
  readonly colorScheme?: 'light' | 'dark'
  readonly width?: number
  readonly withoutScript?: boolean
  /** Of the browser, for Accept-Language: fr-CH. */
  readonly locale?: string
}

/** @returns why there is none, where Chromium cannot be had */
export async function openBrowser(): Promise<TestBrowser | Missing> {
  const program = await findChromium()
  if (isMissing(program)) return program
  await buildWeb()
  const browser = await chromium.launch({ executablePath: program.executablePath, args: [...program.args] })
  return Object.freeze({
    newPage: async (look: Look = {}) => (await newContext(browser, look)).newPage(),
    close: () => browser.close(),
    [Symbol.asyncDispose]: () => browser.close(),
  })
}

const newContext = (
  browser: Browser,
  { colorScheme = 'light', width = 1440, withoutScript = false, locale = 'en-US' }: Look,
) => browser.newContext({ colorScheme, locale, viewport: { width, height: 900 }, javaScriptEnabled: !withoutScript })

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

/** What axe finds wrong with the page as it is, one line each; empty if nothing. WCAG 2.2 A and AA, and best practices. */
export async function findAccessibilityProblems(page: Page): Promise<readonly string[]> {
  // Evaluated, not added as an element, so the page's Content-Security-Policy stays in force.
  if (!(await page.evaluate('"axe" in globalThis'))) await page.evaluate(axeSource)
  const violations = await page.evaluate(runAxe)
  return violations.map(({ rule, help, where }) => `${page.url()} ${rule}: ${help} at ${where}`)
}

interface Violation {
  readonly rule: string
  readonly help: string
  readonly where: string
}

/** Runs in the page. */
async function runAxe(): Promise<Violation[]> {
  const { axe } = globalThis as unknown as { axe: Axe }
  // All rules that axe runs by itself, and the size of targets (WCAG 2.2 §2.5.8), which it does not; of what passes, no list
  // is made.
  const { violations } = await axe.run({ resultTypes: ['violations'], rules: { 'target-size': { enabled: true } } })
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target }) => ({ rule: id, help, where: String(target) })),
  )
}

interface Axe {
  run(options: {
    readonly resultTypes: readonly 'violations'[]
    readonly rules: Readonly<Record<string, { readonly enabled: boolean }>>
  }): Promise<{ violations: AxeViolation[] }>
}

interface AxeViolation {
  readonly id: string
  readonly help: string
  readonly nodes: { readonly target: unknown }[]
}

/** Whether the page needs scrolling sideways, which a narrow screen must not (WCAG 1.4.10). */
export const scrollsSideways = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth > document.documentElement.clientWidth')

export type { Locator, Page }
