// Numbers over time, drawn: bars on each other, or lines. Where nothing was kept is hatched, so that it is not taken for none.
// The same numbers are below as a table, for those who cannot see the drawing or want them exactly.

import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { type ChartKind, type ChartPoint, dotsOf, lineOf, stackOf, topOf, unknownRuns } from './chart-shapes.ts'

interface ChartProps {
  readonly title: string
  /** What it comes to, in one sentence. */
  readonly summary: string
  readonly kind: ChartKind
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
  const top = topOf(points, kind)
  const unknown = unknownRuns(points)
  const timeOf = new Intl.DateTimeFormat(i18n.language, { hour: '2-digit', minute: '2-digit' })
  const sayTime = (at: string | undefined): string => (at === undefined ? '' : timeOf.format(new Date(at)))
  const sayValue = (values: ChartPoint['values'], index: number): string => {
    const value = values?.[index]
    if (value !== undefined) return say(value)
    return values === undefined ? t('chart.unknown') : t('chart.none')
  }
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
        {unknown.length > 0 && <li className="series-unknown">{t('chart.unknown')}</li>}
      </ul>
      <div className="chart-plot" aria-hidden="true">
        <p className="chart-scale">
          <span>{say(top)}</span>
          <span>{say(top / 2)}</span>
          <span>{say(0)}</span>
        </p>
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <Unknown runs={unknown} step={WIDTH / points.length} pattern={`${id}-unknown`} />
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
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too */}
        <section className="chart-table" aria-labelledby={id} tabIndex={0}>
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
                  {series.map((name, index) => (
                    <td key={name} data-label={name}>
                      {sayValue(values, index)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </details>
    </figure>
  )
}

interface PlotProps {
  readonly points: readonly ChartPoint[]
  readonly top: number
}

function Bars({ points, top }: PlotProps) {
  const step = WIDTH / points.length
  return points.flatMap(({ at, values = [] }, index) =>
    stackOf(values, HEIGHT / top).map(({ y, height }, series) => (
      <rect
        // The series have no names here; they are always the same ones in the same order.
        key={`${at} ${String(series)}`}
        className={`series-${series}`}
        x={index * step + step * 0.1}
        width={step * 0.8}
        y={HEIGHT - y - height}
        height={height}
      />
    )),
  )
}

function Lines({ points, series, top }: PlotProps & { readonly series: readonly string[] }) {
  const step = WIDTH / points.length
  return series.map((name, index) => {
    const places = points.map(({ values }, at) => {
      const value = values?.[index]
      return value === undefined ? undefined : { x: (at + 0.5) * step, y: HEIGHT - (value / top) * HEIGHT }
    })
    return (
      <g key={name} className={`series-${index}`}>
        <path d={lineOf(places)} vectorEffect="non-scaling-stroke" />
        <path className="chart-dots" d={dotsOf(places)} vectorEffect="non-scaling-stroke" />
      </g>
    )
  })
}

interface UnknownProps {
  readonly runs: ReturnType<typeof unknownRuns>
  readonly step: number
  /** An id in the page. */
  readonly pattern: string
}

const Unknown = ({ runs, step, pattern }: UnknownProps) => (
  <g className="series-unknown">
    <pattern id={pattern} width="14" height="14" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <path d="M0 0V14" />
    </pattern>
    {runs.map(({ from, count }) => (
      <rect key={from} x={from * step} width={count * step} y={0} height={HEIGHT} fill={`url(#${pattern})`} />
    ))}
  </g>
)
