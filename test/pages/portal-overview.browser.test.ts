// What the charts of the overview draw: the numbers of the API, point by point, and where nothing was kept, nothing.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { createTrafficStore, MINUTE_MS } from '#portal'
import { findPageProblems } from '../e2e/page-problems.ts'
import { type Lab, startLab } from '../gateway/lab.ts'
import { openBrowser, type Page, type TestBrowser } from '../support/browser.ts'
import { createManualClock } from '../support/manual-clock.ts'
import { isMissing } from '../support/programs.ts'

const found = await openBrowser()
// The kind of store has no part in what is drawn.
const skip = isMissing(found) ? found.missing : false

const PRESENT = Date.UTC(2026, 10, 22, 10, 30)
const [WIDTH, HEIGHT] = [640, 160]

/** What was kept: how many minutes ago, and how much. Everything else of the hour is unknown. */
const KEPT: readonly { readonly ago: number; readonly requests: number; readonly failed: number }[] = [
  ...[50, 49, 48, 47].map((ago) => ({ ago, requests: ago, failed: ago - 47 })),
  { ago: 20, requests: 7, failed: 0 },
  { ago: 10, requests: 0, failed: 0 },
  { ago: 9, requests: 70, failed: 5 },
  { ago: 8, requests: 30, failed: 30 },
]

interface Point {
  readonly at: string
  readonly requests?: number
  readonly failed?: number
  readonly medianMs?: number
  readonly p95Ms?: number
  readonly logins?: number
  readonly loginsRefused?: number
}

/** Of a chart, in numbers of its axis: undefined where it draws nothing. */
type Drawn = readonly (readonly [number | undefined, number | undefined])[]

describe('the charts of the overview', { skip, timeout: 120_000 }, () => {
  const browser = found as TestBrowser
  const clock = createManualClock(PRESENT + 30_000)
  let lab: Lab
  let page: Page
  before(async () => {
    lab = await startLab({ clock })
    page = await browser.newPage()
    await page.goto(`${lab.url}/auth/login?returnTo=/admin`)
    const { username, password } = await lab.account('grace')
    await page.getByLabel('Name').fill(username)
    await page.getByLabel('Password').fill(password)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()
  })
  after(async () => {
    await browser.close()
    await lab[Symbol.asyncDispose]()
  })

  const keepAll = async (): Promise<void> => {
    const store = createTrafficStore(lab.gateway.apis.storage)
    for (const { ago, requests, failed } of KEPT) {
      const durations = [
        { atMostSeconds: 0.01, count: requests - failed },
        { atMostSeconds: 0.1, count: failed },
      ]
      const logins = { logins: ago % 3, loginsRefused: ago % 2 }
      const traffic = { requests, refused: 0, failed, durations, ...logins }
      await store.put('test', { minute: PRESENT - ago * MINUTE_MS, traffic })
    }
  }

  const chart = (name: string) => page.getByRole('figure', { name })
  const ask = async (): Promise<readonly Point[]> =>
    ((await (await page.request.get(`${lab.url}/api/v1/admin/overview`)).json()) as { points: readonly Point[] }).points

  /** @returns what stands at the top, in the middle and at the ground of the axis */
  const axis = async (name: string): Promise<readonly number[]> =>
    (await chart(name).locator('.chart-scale span').allInnerTexts()).map((text) => Number(text.replace(/ ms$/, '')))

  /** The bars of each minute, and that they stand on each other. */
  const readBars = async (name: string): Promise<Drawn> => {
    const [top = Number.NaN] = await axis(name)
    const bars = await chart(name)
      .locator('rect[class]')
      .evaluateAll((all) =>
        all.map((each) => ['x', 'y', 'width', 'height'].map((side) => Number(each.getAttribute(side)))),
      )
    const drawn = Array.from({ length: 60 }, (): [number?, number?] => [])
    for (const [x = 0, y = 0, width = 0, height = 0] of bars) {
      const minute = drawn[Math.round((x + width / 2) / (WIDTH / 60) - 0.5)] ?? assert.fail(`a bar at ${x}`)
      const value = (height / HEIGHT) * top
      minute.push(round(value))
      const below = minute.reduce<number>((sum, each) => sum + (each ?? 0), 0)
      assert.equal(round(((HEIGHT - y) / HEIGHT) * top), round(below), 'it stands on the one below')
    }
    return drawn.map(([first, second]) => [first, second])
  }

  /** Where a line or a dot is, minute by minute, and between which of them there is no line. */
  const readLine = async (
    name: string,
    index: number,
  ): Promise<{ values: (number | undefined)[]; breaks: number[] }> => {
    const [top = Number.NaN] = await axis(name)
    const [line = '', dots = ''] = await chart(name)
      .locator(`g.series-${index} path`)
      .evaluateAll((all) => all.map((each) => each.getAttribute('d') ?? ''))
    const values = Array.from({ length: 60 }, (): number | undefined => undefined)
    const breaks: number[] = []
    for (const [, command, x, y] of line.matchAll(/([ML])([\d.]+) ([\d.e-]+)/g)) {
      const minute = Math.round(Number(x) / (WIDTH / 60) - 0.5)
      values[minute] = round(((HEIGHT - Number(y)) / HEIGHT) * top)
      if (command === 'M') breaks.push(minute)
    }
    const alone = values.flatMap((value, at) =>
      value !== undefined && values[at - 1] === undefined && values[at + 1] === undefined ? [at] : [],
    )
    assert.equal([...dots.matchAll(/M[\d.]+ [\d.e-]+h0/g)].length, alone.length, 'what stands alone is a dot')
    return { values, breaks }
  }

  test('before anything was kept it says so, and draws nothing', async () => {
    await page.getByText('Nothing is known yet', { exact: true }).waitFor()
    assert.equal(await page.getByRole('figure').count(), 0)
    assert.doesNotMatch(await page.getByRole('main').innerText(), /0 ms/)
    assert.ok((await ask()).every((point) => Object.keys(point).join() === 'at'))
    assert.deepEqual(await findPageProblems(page, '/admin'), [])
  })

  test('bars are as high as the numbers of the API, each on the other, and none where nothing was kept', async () => {
    await keepAll()
    await page.reload()
    await chart('Requests').waitFor()
    const points = await ask()
    assert.equal(points.filter(({ requests }) => requests !== undefined).length, KEPT.length)
    assert.deepEqual(
      await readBars('Requests'),
      points.map(({ requests, failed }) =>
        requests === undefined ? [undefined, undefined] : [requests - (failed ?? 0), failed],
      ),
    )
    assert.deepEqual(
      await readBars('Logins'),
      points.map(({ logins, loginsRefused }) => [logins, loginsRefused]),
    )
    assert.deepEqual(await axis('Requests'), [80, 40, 0])
    await chart('Requests').getByText('301 in this time, 41 of them failed.').waitFor()
  })

  test('lines go through the numbers, end where there are none, and a number alone is a dot', async () => {
    const points = await ask()
    const [median, p95] = [await readLine('How long people wait', 0), await readLine('How long people wait', 1)]
    assert.deepEqual(
      median.values,
      points.map(({ medianMs }) => medianMs && round(medianMs)),
    )
    assert.deepEqual(
      p95.values,
      points.map(({ p95Ms }) => p95Ms && round(p95Ms)),
    )
    // 50 to 47 minutes ago, 20, and 9 and 8: nobody asked for anything 10 minutes ago.
    assert.deepEqual(p95.breaks, [9, 39, 50])
    const longest = Math.max(...points.map(({ p95Ms = 0 }) => p95Ms))
    const [top = 0] = await axis('How long people wait')
    assert.ok(top >= longest && top < 2 * longest, `${top} for ${longest}`)
  })

  test('what is unknown is hatched and named, and the axis says the first minute, that in the middle and the last', async () => {
    for (const name of ['Requests', 'How long people wait', 'Logins']) {
      const hatched = await chart(name)
        .locator('g.series-unknown rect')
        .evaluateAll((all) => all.map((each) => [each.getAttribute('x'), each.getAttribute('width')].map(Number)))
      const minutes = hatched.map(([x = 0, width = 0]) => [round((x / WIDTH) * 60), round((width / WIDTH) * 60)])
      assert.deepEqual(minutes, [
        [0, 9],
        [13, 26],
        [40, 9],
        [52, 8],
      ])
      await chart(name).getByText('not recorded').first().waitFor()
      const say = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit' })
      const times = [59, 29, 0].map((ago) => say.format(PRESENT - ago * MINUTE_MS))
      assert.deepEqual(await chart(name).locator('.chart-times span').allInnerTexts(), times)
    }
  })

  test('whoever cannot see the drawing has its numbers in a table, the newest first', async () => {
    const requests = chart('Requests')
    assert.deepEqual(await requests.locator('svg, .chart-plot, .chart-legend').evaluateAll(hiddenOnes), [
      true,
      true,
      true,
    ])
    await requests.getByText('The numbers as a table').click()
    const table = requests.getByRole('table', { name: 'Requests' })
    const rows = await table.getByRole('row').allInnerTexts()
    const say = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit' })
    const time = (ago: number): string => say.format(PRESENT - ago * MINUTE_MS)
    const cells = rows.map((row) => row.split(/\t/).map((cell) => cell.trim()))
    assert.deepEqual(cells[0], ['Time', 'Answered', 'Failed'])
    assert.deepEqual(cells[1], [time(0), 'not recorded', 'not recorded'])
    assert.deepEqual(cells[1 + 8], [time(8), '0', '30'])
    assert.deepEqual(cells[1 + 10], [time(10), '0', '0'])
    assert.equal(cells.length, 61)
    await chart('How long people wait').getByText('The numbers as a table').click()
    const waits = chart('How long people wait')
      .getByRole('row')
      .nth(1 + 10)
    assert.deepEqual((await waits.innerText()).split(/\t/).slice(1), ['no request', 'no request'])
    assert.deepEqual(await findPageProblems(page, '/admin'), [])
  })
})

const round = (value: number): number => Math.round(value * 1000) / 1000

/** Runs in the page. */
const hiddenOnes = (all: { closest(selector: string): unknown }[]): boolean[] =>
  all.map((each) => each.closest('[aria-hidden="true"]') !== null)
