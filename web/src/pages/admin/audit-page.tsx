// Who did what to whom, the newest first.

import { NativeSelect } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import type { Column } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useAddress } from '../address.ts'
import { PagedTable } from './paged-table.tsx'
import { PersonName } from './person-name.tsx'

type Entry = paths['/api/v1/admin/audit']['get']['responses'][200]['content']['application/json']['entries'][number]
type Outcome = Entry['outcome']

const OUTCOMES = ['success', 'failure'] as const

export function AuditPage() {
  const { t } = useTranslation('admin')
  const [asked, change] = useAddress()
  const outcome = OUTCOMES.find((each) => each === asked.outcome)
  return (
    <Page title={t('audit.title')} lead={t('audit.lead')}>
      <div className="stack">
        <form className="filters" onSubmit={(event) => event.preventDefault()}>
          <NativeSelect
            label={t('audit.outcome')}
            value={outcome ?? ''}
            onChange={(event) => change({ outcome: event.currentTarget.value })}
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

function Entries({ outcome }: { readonly outcome: Outcome | undefined }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const filter = outcome === undefined ? {} : { outcome }
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
    { title: t('audit.at'), cell: ({ at }) => <When at={at} /> },
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
    <PagedTable
      caption={t('audit.title')}
      columns={columns}
      keyOf={({ id }) => String(id)}
      queryKey={['audit', filter]}
      ask={({ after, ...page }) =>
        answerOf(
          api.GET('/api/v1/admin/audit', {
            params: { query: { ...filter, ...page, ...(after !== undefined && { after: Number(after) }) } },
          }),
        )
      }
      rowsOf={({ entries }) => entries}
      empty={<Empty title={t('audit.none')} />}
    />
  )
}

/** Sessions and tokens are named by long hashes, of which the beginning tells them apart. */
const shortened = (subject: string): string => (/^[0-9a-f]{32,}$/.test(subject) ? `${subject.slice(0, 12)}…` : subject)
