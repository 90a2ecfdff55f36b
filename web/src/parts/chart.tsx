// Numbers over time, drawn: bars on each other, or lines. The same numbers are below as a table, for those who cannot see
// the drawing or want them exactly.

import { useId } from 'react'
import { useTranslation } from 'react-i18next'

export interface ChartPoint {
  /** ISO 8601. */
  readonly at: string
  /** One for each series; undefined where nothing is known. */
  readonly values: readonly (number | undefined)[]
}

interface ChartProps {
  readonly title: string
  /** What it comes to, in one sentence. */
  readonly summary: string
  readonly kind: 'bars' | 'lines'
  /** Names of the series, the lowest bar first; the second is drawn as what went wrong, or as the other line. */
  readonly series: readonly string[]
  readonly points: readonly ChartPoint[]
  readonly say: (value: number) => string
}

const WIDTH = 640
const HEIGHT = 160

export function Chart({ title, summary, kind, series, points, say }: ChartProps) {
  const { t, i18n } = useTranslation('admin')
  const id = useId()
  const top = niceTop(highest(points, kind))
  const timeOf = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit' })
  const sayTime = (at: string | undefined): string => (at === undefined ? '' : timeOf.format(new Date(at)))
  return (
    <figure className="card chart" aria-labelledby={id}>
      <figcaption>
        <h2 id={id}>{title}</h2>
        <p className="muted">{summary}</p>
      </figcaption>
      <ul className="chart-legend" aria-hidden="true">
        {series.map((name, index) => (
          <li key={name} className={`series-${index}`}>
            {name}
          </li>
        ))}
      </ul>
      <div className="chart-plot" aria-hidden="true">
        <p className="chart-scale">
          <span>{say(top)}</span>
          <span>{say(top / 2)}</span>
          <span>{say(0)}</span>
        </p>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {[0.5, HEIGHT / 2, HEIGHT - 0.5].map((y) => (
            <line key={y} className="chart-rule" x1="0" x2={WIDTH} y1={y} y2={y} />
          ))}
          {kind === 'bars' ? <Bars points={points} top={top} /> : <Lines points={points} series={series} top={top} />}
        </svg>
        <p className="chart-times">
          <span>{sayTime(points[0]?.at)}</span>
          <span>{sayTime(points[Math.floor(points.length / 2)]?.at)}</span>
          <span>{sayTime(points.at(-1)?.at)}</span>
        </p>
      </div>
      <details>
        <summary>{t('chart.table')}</summary>
        <div className="chart-table">
          <table className="table">
            <caption className="visually-hidden">{title}</caption>
            <thead>
              <tr>
                <th scope="col">{t('chart.time')}</th>
                {series.map((name) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {points.toReversed().map(({ at, values }) => (
                <tr key={at}>
                  <th scope="row">
                    <time dateTime={at}>{sayTime(at)}</time>
                  </th>
                  {values.map((value, index) => (
                    <td key={series[index]} data-label={series[index]}>
                      {value === undefined ? '–' : say(value)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </details>
    </figure>
  )
}

interface PlotProps {
  readonly points: readonly ChartPoint[]
  readonly top: number
}

function Bars({ points, top }: PlotProps) {
  const step = WIDTH / Math.max(1, points.length)
  return points.map(({ at, values }, index) => {
    let below = 0
    return values.map((value = 0, series) => {
      const height = (value / top) * HEIGHT
      below += height
      return (
        <rect
          // The series have no names here; they are always the same ones in the same order.
          key={`${at} ${String(series)}`}
          className={`series-${series}`}
          x={index * step + step * 0.1}
          width={step * 0.8}
          y={HEIGHT - below}
          height={height}
        />
      )
    })
  })
}

function Lines({ points, series, top }: PlotProps & { readonly series: readonly string[] }) {
  const step = WIDTH / Math.max(1, points.length - 1)
  return series.map((name, index) => {
    let isDrawing = false
    const path = points.map(({ values }, at) => {
      const value = values[index]
      const command = isDrawing ? 'L' : 'M'
      isDrawing = value !== undefined
      return value === undefined ? '' : `${command}${at * step} ${HEIGHT - (value / top) * HEIGHT}`
    })
    return <path key={name} className={`series-${index}`} d={path.join('')} vectorEffect="non-scaling-stroke" />
  })
}

const highest = (points: readonly ChartPoint[], kind: ChartProps['kind']): number =>
  Math.max(
    0,
    ...points.map(({ values }) => {
      const known = values.map((value = 0) => value)
      return kind === 'bars' ? known.reduce((sum, value) => sum + value, 0) : Math.max(0, ...known)
    }),
  )

/** The next number above that people would write at an axis, and whose half they would too. */
function niceTop(value: number): number {
  if (value <= 0) return 2
  const size = 10 ** Math.floor(Math.log10(value))
  return (NICE.find((each) => each * size >= value) ?? 10) * size
}

const NICE = [2, 4, 6, 8, 10]
