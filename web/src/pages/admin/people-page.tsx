// Everybody who has ever logged in: who they are, when they were last here, and the ways to let them in no more.

import { Button } from '@mantine/core'
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'

type User = paths['/api/v1/admin/users']['get']['responses'][200]['content']['application/json']['users'][number]

export function PeoplePage() {
  const { t } = useTranslation('admin')
  return (
    <Page title={t('people.title')} lead={t('people.lead')}>
      <People />
    </Page>
  )
}

const key = ['people'] as const
const PAGE = 50

function People() {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: key,
    queryFn: ({ pageParam }) =>
      answerOf(
        api.GET('/api/v1/admin/users', {
          params: { query: { limit: PAGE, ...(pageParam !== undefined && { after: pageParam }) } },
        }),
      ),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }) => next,
  })
  const change = useChange()
  if (error !== null) return <ProblemNotice error={error} />
  if (isPending) return <p className="muted loading">{t('loading')}</p>
  const columns: readonly Column<User>[] = [
    {
      title: t('people.person'),
      cell: ({ displayName, provider, username, disabledAt }) => (
        <>
          {displayName} {disabledAt !== undefined && <span className="badge warn">{t('people.disabled')}</span>}
          <span className="exact">
            {username} · {provider}
          </span>
        </>
      ),
    },
    { title: t('people.groups'), cell: ({ groups }) => (groups.length === 0 ? '–' : groups.join(', ')) },
    { title: t('people.lastLogin'), cell: ({ lastLoginAt }) => <When at={lastLoginAt} exact /> },
    {
      title: t('people.actions'),
      isActions: true,
      cell: (user) => <Actions user={user} change={change} />,
    },
  ]
  return (
    <div className="stack">
      {change.error !== null && <ProblemNotice error={change.error} />}
      <Table
        caption={t('people.title')}
        columns={columns}
        rows={data.pages.flatMap(({ users }) => users)}
        keyOf={({ id }) => id}
      />
      {hasNextPage && (
        <p>
          <Button variant="default" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('people.more')}
          </Button>
        </p>
      )}
    </div>
  )
}

type Act = 'disable' | 'enable' | 'end-sessions'
type Change = ReturnType<typeof useChange>

function useChange() {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: async ({ user: { id }, act }: { readonly user: User; readonly act: Act }) => {
      const params = { path: { id } }
      if (act === 'disable') await answerOf(api.POST('/api/v1/admin/users/{id}/disable', { params }))
      else if (act === 'enable') await answerOf(api.POST('/api/v1/admin/users/{id}/enable', { params }))
      else await answerOf(api.POST('/api/v1/admin/users/{id}/end-sessions', { params }))
    },
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
    onSuccess: (_nothing, { user, act }) => toast(t(`people.${act}.done`, { name: user.displayName })),
  })
}

function Actions({ user, change }: { readonly user: User; readonly change: Change }) {
  const { t } = useTranslation('admin')
  const acts: readonly Act[] = user.disabledAt === undefined ? ['end-sessions', 'disable'] : ['enable']
  return (
    <span className="row-actions">
      {acts.map((act) => (
        <Button
          key={act}
          size="sm"
          variant="subtle"
          color={act === 'enable' ? 'accent' : 'danger'}
          disabled={change.isPending}
          aria-label={t(`people.${act}.of`, { name: user.displayName })}
          onClick={() => change.mutate({ user, act })}
        >
          {t(`people.${act}`)}
        </Button>
      ))}
    </span>
  )
}
