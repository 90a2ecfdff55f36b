// Draws what was measured: one panel a scenario, one bar a proxy, its length the CPU time that a request costs beside
// the others of the same run. An SVG that reads well on light and on dark pages, and by those who cannot see it.

import type { Measurement } from './measure.ts'
import type { Outcome } from './scenarios/scenario.ts'

const WIDTH = 720
const LABEL_WIDTH = 190
const VALUE_WIDTH = 150
const BAR_HEIGHT = 18
const ROW_HEIGHT = 28
const HEAD_HEIGHT = 44

/** @param titles what each scenario measures, by its name; one without a title is not drawn */
export function drawChart(
  outcomes: Readonly<Record<string, Outcome>>,
  titles: Readonly<Record<string, string>>,
): string {
  const panels: string[] = []
  let top = 8
  for (const [name, { measurements }] of Object.entries(outcomes)) {
    const title = titles[name]
    if (title === undefined || measurements.length === 0) continue
    panels.push(drawPanel(title, measurements, top))
    top += HEAD_HEIGHT + measurements.length * ROW_HEIGHT + 16
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img" aria-label="CPU time of a request, by proxy">
<style>${STYLE}</style>
${panels.join('\n')}
</svg>
`
}

function drawPanel(title: string, measurements: readonly Measurement[], top: number): string {
  const longest = Math.max(...measurements.map(({ cpuUsPerRequest }) => cpuUsPerRequest))
  const least = Math.min(...measurements.map(({ cpuUsPerRequest }) => cpuUsPerRequest))
  const room = WIDTH - LABEL_WIDTH - VALUE_WIDTH
  const rows = measurements.map(({ peer, cpuUsPerRequest }, index) => {
    const y = top + HEAD_HEIGHT + index * ROW_HEIGHT
    const width = Math.max(1, (cpuUsPerRequest / longest) * room)
    const value = `${timeOf(cpuUsPerRequest)} · ${(cpuUsPerRequest / least).toFixed(1)} ×`
    return `<text x="${LABEL_WIDTH - 12}" y="${y + 14}" text-anchor="end">${escapeText(peer)}</text>
<rect class="${peer.startsWith('gatehouse') ? 'ours' : 'theirs'}" x="${LABEL_WIDTH}" y="${y}" width="${width.toFixed(1)}" height="${BAR_HEIGHT}" rx="3"/>
<text class="value" x="${(LABEL_WIDTH + width + 10).toFixed(1)}" y="${y + 14}">${value}</text>`
  })
  return `<text class="title" x="0" y="${top + 22}">${escapeText(title)}</text>\n${rows.join('\n')}`
}

const timeOf = (us: number): string => (us < 1000 ? `${us.toFixed(1)} µs` : `${(us / 1000).toFixed(0)} ms`)

const escapeText = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')

const STYLE = `
text { font: 14px system-ui, sans-serif; fill: #1f2933 }
.title { font-weight: 600; font-size: 15px }
.value { fill: #52606d }
.ours { fill: #0b6e99 } .theirs { fill: #9fb3c8 }
@media (prefers-color-scheme: dark) {
  text { fill: #e4e7eb } .value { fill: #9aa5b1 } .ours { fill: #4cb5e0 } .theirs { fill: #52667a }
}`
