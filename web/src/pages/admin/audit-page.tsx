// Who did what to whom, the newest first.

import { Button, NativeSelect } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { PersonName } from './person-name.tsx'

type Entry = paths['/api/v1/admin/audit']['get']['responses'][200]['content']['application/json']['entries'][number]
type Outcome = Entry['outcome']

const OUTCOMES = ['success', 'failure'] as const
const PAGE = 50

export function AuditPage() {
  const { t } = useTranslation('admin')
  const [outcome, setOutcome] = useState<Outcome | ''>('')
  return (
    <Page title={t('audit.title')} lead={t('audit.lead')}>
      <div className="stack">
        <form className="filters" onSubmit={(event) => event.preventDefault()}>
          <NativeSelect
            label={t('audit.outcome')}
            value={outcome}
            onChange={(event) => setOutcome(OUTCOMES.find((each) => each === event.currentTarget.value) ?? '')}
            data={[
              { value: '', label: t('audit.outcome.any') },
              ...OUTCOMES.map((each) => ({ value: each, label: t(`audit.outcome.${each}`) })),
            ]}
          />
        </form>
        <Entries outcome={outcome} />
      </div>
    </Page>
  )
}

function Entries({ outcome }: { readonly outcome: Outcome | '' }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['audit', outcome],
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET('/api/v1/admin/audit', {
          params: {
            query: {
              limit: PAGE,
              ...(outcome !== '' && { outcome }),
              ...(pageParam !== undefined && { after: pageParam }),
            },
          },
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : Number(next)),
  })
  if (error !== null) return <ProblemNotice error={error} />
  if (isPending) return <p className="muted loading">{t('loading')}</p>
  const entries = data.pages.flatMap((page) => page.entries)
  if (entries.length === 0) return <Empty title={t('audit.none')} />
  const columns: readonly Column<Entry>[] = [
    {
      title: t('audit.action'),
      cell: ({ action, outcome: ended }) => (
        <>
          <code className="whole">{action}</code>{' '}
          {ended === 'failure' && <span className="badge bad">{t('audit.outcome.failure')}</span>}
        </>
      ),
    },
    { title: t('audit.at'), cell: ({ at }) => <When at={at} exact /> },
    { title: t('audit.who'), cell: ({ actor, userId = '–' }) => <PersonName id={actor ?? userId} /> },
    {
      title: t('audit.what'),
      cell: ({ subject, detail, address }) => (
        <span className="audit-detail">
          {subject !== undefined && <code title={subject}>{shortened(subject)}</code>}
          {Object.entries(detail ?? {}).map(([name, value]) => (
            <span key={name}>
              {name}: {String(value)}
            </span>
          ))}
          {address !== undefined && <span className="muted">{address}</span>}
        </span>
      ),
    },
  ]
  return (
    <>
      <Table caption={t('audit.title')} columns={columns} rows={entries} keyOf={({ id }) => String(id)} />
      {hasNextPage && (
        <p>
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('more')}
          </Button>
        </p>
      )}
    </>
  )
}

/** Sessions and tokens are named by long hashes, of which the beginning tells them apart. */
const shortened = (subject: string): string => (/^[0-9a-f]{32,}$/.test(subject) ? `${subject.slice(0, 12)}…` : subject)
