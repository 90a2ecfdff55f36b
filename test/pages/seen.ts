// What can be seen on a page, by pictures of it: where the focus is, and whether something moves.

import { createHash } from 'node:crypto'
import type { Page } from '../support/browser.ts'

interface Stop {
  readonly name: string
  readonly isCovered: boolean
  readonly clip: { readonly x: number; readonly y: number; readonly width: number; readonly height: number }
}

/**
 * Tab from the beginning of the page, or of a part of it, to its end: at each stop the picture around it must be another one
 * once the focus is gone, and nothing may stand over it.
 *
 * @returns the names of the stops at which it is not so
 * @throws if there are fewer stops than `least`: then the keys went elsewhere
 */
export async function findUnseenFocus(
  page: Page,
  { within = 'body', least }: { readonly within?: string; readonly least: number },
): Promise<readonly string[]> {
  await page.mouse.move(0, 0)
  await page.locator(within).evaluate(BEGIN_AT as never)
  const unseen: string[] = []
  const met = new Set<string>()
  for (;;) {
    await page.keyboard.press('Tab')
    const stop = (await page.evaluate(STOP_WITHIN.replace('SELECTOR', JSON.stringify(within)))) as Stop | null
    if (stop === null) break
    met.add(`${stop.name} ${JSON.stringify(stop.clip)}`)
    const focused = await page.screenshot({ clip: stop.clip })
    await page.evaluate('document.activeElement.blur()')
    const left = await page.screenshot({ clip: stop.clip })
    if (hashOf(focused) === hashOf(left)) unseen.push(stop.name)
    if (stop.isCovered) unseen.push(`${stop.name}, which is covered`)
  }
  if (met.size < least)
    throw new Error(`only ${met.size} stops within ${within} of ${page.url()}: ${[...met].join(', ')}`)
  return unseen
}

const hashOf = (picture: Buffer): string => createHash('sha256').update(picture).digest('hex')

/** Puts the place from which Tab goes on to the beginning of the element. */
const BEGIN_AT = (element: { tabIndex: number; focus(): void; blur(): void }): void => {
  element.tabIndex = -1
  element.focus()
  element.blur()
}

/** Nothing once the focus is outside of it, or nowhere. What is drawn for a field that is hidden is its label. */
const STOP_WITHIN = `(() => {
  const { activeElement: focused } = document
  if (focused === document.body || !document.querySelector(SELECTOR).contains(focused)) return null
  focused.scrollIntoView({ block: 'center' })
  const drawn = focused.matches('[type=radio]') ? focused.labels[0] : focused
  const { left, top, right, bottom } = drawn.getBoundingClientRect()
  const over = document.elementFromPoint((left + right) / 2, (top + bottom) / 2)
  const [x, y] = [Math.max(0, left - 8), Math.max(0, top - 8)]
  return {
    isCovered: over !== null && !drawn.contains(over) && !over.contains(drawn),
    name: (focused.getAttribute('aria-label') ?? (drawn.innerText || focused.id)).trim(),
    clip: { x, y, width: Math.min(innerWidth, right + 8) - x, height: Math.min(innerHeight, bottom + 8) - y },
  }
})()`

/** Of one element, with the focus and the pointer elsewhere. */
export async function takePicture(page: Page, selector: string): Promise<Buffer> {
  await page.evaluate('document.activeElement.blur()')
  await page.mouse.move(0, 0)
  return page.locator(selector).first().screenshot()
}

/** How many points are so much lighter or darker in the other picture that nobody overlooks it. @param blank reads them */
export const countOther = (blank: Page, one: Buffer, other: Buffer): Promise<number> =>
  blank.evaluate(`(async () => {
    const read = async (picture) => {
      const bitmap = await createImageBitmap(await (await fetch('data:image/png;base64,' + picture)).blob())
      const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d')
      context.drawImage(bitmap, 0, 0)
      return context.getImageData(0, 0, bitmap.width, bitmap.height).data
    }
    const [one, other] = await Promise.all(['${one.toString('base64')}', '${other.toString('base64')}'].map(read))
    let count = 0
    for (let at = 0; at < Math.min(one.length, other.length); at += 4) {
      if (Math.abs(one[at] + one[at + 1] + one[at + 2] - other[at] - other[at + 1] - other[at + 2]) > 240) count += 1
    }
    return count
  })()`)

/** What moves, or would on a change, one line each. */
export const findMotion = (page: Page): Promise<readonly string[]> => page.evaluate(MOTION)

const MOTION = `(() => {
  const lasting = (times) => times.split(', ').some((time) => Number.parseFloat(time) > 0)
  const styled = [...document.querySelectorAll('body *')].flatMap((element) =>
    ['', '::before', '::after'].flatMap((part) => {
      const { transitionDuration, animationName } = getComputedStyle(element, part)
      const moves = lasting(transitionDuration) || animationName !== 'none'
      return moves ? [element.tagName.toLowerCase() + '.' + element.getAttribute('class') + part] : []
    }),
  )
  return [...styled, ...document.getAnimations().map(({ playState }) => 'an animation that is ' + playState)]
})()`
