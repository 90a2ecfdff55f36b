// How the whole is doing: requests, how long people wait, and logins over the last hours, drawn.

import { SegmentedControl } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Chart } from '../../parts/chart.tsx'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { usePortal } from '../../portal-context.ts'

const SPANS = [1, 6, 24] as const
const REFRESH_MS = 60_000

export function OverviewPage() {
  const { t } = useTranslation('admin')
  const [hours, setHours] = useState<number>(SPANS[0])
  const choice = (
    <SegmentedControl
      aria-label={t('overview.span')}
      value={String(hours)}
      onChange={(value) => setHours(Number(value))}
      data={SPANS.map((span) => ({ value: String(span), label: t('overview.hours', { count: span }) }))}
    />
  )
  return (
    <Page title={t('overview.title')} lead={t('overview.lead')} actions={choice}>
      <Charts hours={hours} />
    </Page>
  )
}

function Charts({ hours }: { readonly hours: number }) {
  const { t, i18n } = useTranslation('admin')
  const { api } = usePortal()
  const { data } = useSuspenseQuery({
    queryKey: ['overview', hours],
    queryFn: () => answerOf(api.GET('/api/v1/admin/overview', { params: { query: { hours } } })),
    refetchInterval: REFRESH_MS,
  })
  const { points } = data
  const sayNumber = (value: number): string => new Intl.NumberFormat(i18n.language).format(value)
  const sayMs = (value: number): string =>
    new Intl.NumberFormat(i18n.language, {
      style: 'unit',
      unit: 'millisecond',
      maximumFractionDigits: value < 10 ? 1 : 0,
    }).format(value)
  const total = (read: (point: (typeof points)[number]) => number | undefined): number =>
    points.reduce((sum, point) => sum + (read(point) ?? 0), 0)
  const waits = points.map(({ p95Ms }) => p95Ms).filter((wait) => wait !== undefined)
  if (points.every(({ requests }) => requests === undefined))
    return (
      <Empty title={t('overview.unknown')}>
        <p>{t('overview.unknown.hint')}</p>
      </Empty>
    )
  return (
    <div className="charts">
      <Chart
        title={t('overview.requests')}
        summary={t('overview.requests.sum', {
          requests: sayNumber(total(({ requests }) => requests)),
          failed: sayNumber(total(({ failed }) => failed)),
        })}
        kind="bars"
        series={[t('overview.answered'), t('overview.failed')]}
        points={points.map(({ at, requests, failed = 0 }) => ({
          at,
          values: requests === undefined ? undefined : [requests - failed, failed],
        }))}
        say={sayNumber}
      />
      <Chart
        title={t('overview.waits')}
        summary={
          waits.length === 0
            ? t('overview.waits.none')
            : t('overview.waits.sum', { longest: sayMs(Math.max(...waits)) })
        }
        kind="lines"
        series={[t('overview.median'), t('overview.p95')]}
        points={points.map(({ at, requests, medianMs, p95Ms }) => ({
          at,
          values: requests === undefined ? undefined : [medianMs, p95Ms],
        }))}
        say={sayMs}
      />
      <Chart
        title={t('overview.logins')}
        summary={t('overview.logins.sum', {
          logins: sayNumber(total(({ logins }) => logins)),
          refused: sayNumber(total(({ loginsRefused }) => loginsRefused)),
        })}
        kind="bars"
        series={[t('overview.loggedIn'), t('overview.loginsRefused')]}
        points={points.map(({ at, logins, loginsRefused }) => ({
          at,
          values: logins === undefined ? undefined : [logins, loginsRefused],
        }))}
        say={sayNumber}
      />
    </div>
  )
}
