// The services behind the door: where requests go, and what is well there.

import { useSuspenseQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { usePortal } from '../../portal-context.ts'

type Upstream =
  paths['/api/v1/admin/upstreams']['get']['responses'][200]['content']['application/json']['upstreams'][number]

const REFRESH_MS = 10_000

export function UpstreamsPage() {
  const { t } = useTranslation('admin')
  return (
    <Page title={t('upstreams.title')} lead={t('upstreams.lead')}>
      <Upstreams />
    </Page>
  )
}

function Upstreams() {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { data } = useSuspenseQuery({
    queryKey: ['upstreams'],
    queryFn: () => answerOf(api.GET('/api/v1/admin/upstreams')),
    refetchInterval: REFRESH_MS,
  })
  if (data.upstreams.length === 0) {
    return (
      <Empty title={t('upstreams.none')}>
        <p>{t('upstreams.none.hint')}</p>
      </Empty>
    )
  }
  const columns: readonly Column<Upstream>[] = [
    {
      title: t('upstreams.service'),
      cell: ({ id, href }) => (
        <>
          <code>{id}</code>
          {href !== undefined && <span className="exact">{href}</span>}
        </>
      ),
    },
    {
      title: t('upstreams.endpoints'),
      cell: ({ endpoints }) =>
        endpoints.length === 0 ? (
          t('upstreams.noEndpoint')
        ) : (
          <ul className="endpoints">
            {endpoints.map(({ label, isHealthy }) => (
              <li key={label}>
                <code>{label}</code>{' '}
                <span className={`badge ${isHealthy ? 'ok' : 'bad'}`}>
                  {t(isHealthy ? 'upstreams.well' : 'upstreams.unwell')}
                </span>
              </li>
            ))}
          </ul>
        ),
    },
    { title: t('upstreams.tunnels'), cell: ({ tunnels }) => tunnels },
    {
      title: t('actions'),
      isActions: true,
      cell: ({ id, href }) =>
        href !== undefined && (
          <span className="row-actions">
            <Link
              className="row-link"
              to="/admin/policy"
              search={{ path: href }}
              aria-label={`${t('upstreams.whoMay')} ${id}`}
            >
              {t('upstreams.whoMay')}
            </Link>
          </span>
        ),
    },
  ]
  return <Table caption={t('upstreams.title')} columns={columns} rows={data.upstreams} keyOf={({ id }) => id} />
}
