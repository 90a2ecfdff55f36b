// Who is logged in, everybody or one person, and the ways to end that.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { useDeviceWords } from '../../parts/device.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import type { Column } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { useAddress } from '../address.ts'
import { PagedTable } from './paged-table.tsx'
import { PersonChoice } from './person-choice.tsx'

type Session =
  paths['/api/v1/admin/sessions']['get']['responses'][200]['content']['application/json']['sessions'][number]

const key = ['admin-sessions'] as const

export function SessionsPage() {
  const { t } = useTranslation('admin')
  const [{ user }, change] = useAddress()
  return (
    <Page title={t('allSessions.title')} lead={t('allSessions.lead')}>
      <div className="stack">
        <PersonChoice chosen={user} undo={t('allSessions.everybody')} onChoose={(id) => change({ user: id })} />
        <Sessions user={user} />
      </div>
    </Page>
  )
}

function Sessions({ user }: { readonly user: string | undefined }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { end, endAll, error } = useEnding()
  const sayDevice = useDeviceWords()
  const filter = user === undefined ? {} : { user }
  const columns: readonly Column<Session>[] = [
    {
      title: t('people.person'),
      cell: ({ user: { id, displayName, username }, provider }) => (
        <>
          {user === undefined ? (
            <Link to="/admin/sessions" search={{ user: id }}>
              {displayName}
            </Link>
          ) : (
            displayName
          )}
          <span className="exact">
            {username} · {provider}
          </span>
        </>
      ),
    },
    {
      title: t('allSessions.device'),
      cell: (session) => (
        <>
          <span title={session.userAgent}>{sayDevice(session)}</span>{' '}
          {session.current && <span className="badge ok">{t('allSessions.current')}</span>}
          <span className="exact">{session.address}</span>
        </>
      ),
    },
    { title: t('allSessions.created'), cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: t('allSessions.used'), cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
    {
      title: t('allSessions.ends'),
      cell: ({ idleEndsAt, endsAt }) => <When at={idleEndsAt < endsAt ? idleEndsAt : endsAt} />,
    },
    {
      title: t('actions'),
      isActions: true,
      cell: (session) => (
        <span className="row-actions">
          <SureButton
            label={t('allSessions.endOne', { name: session.user.displayName, device: sayDevice(session) })}
            sure={t('allSessions.endSure')}
            isBusy={end.isPending}
            onSure={() => end.mutate(session)}
          >
            {t('allSessions.end')}
          </SureButton>
        </span>
      ),
    },
  ]
  return (
    <>
      {error !== null && <ProblemNotice error={error} />}
      <PagedTable
        caption={t('allSessions.title')}
        columns={columns}
        keyOf={({ ref }) => ref}
        queryKey={[...key, filter]}
        ask={(page) => answerOf(api.GET('/api/v1/admin/sessions', { params: { query: { ...filter, ...page } } }))}
        rowsOf={({ sessions }) => sessions}
        empty={<Empty title={t('allSessions.none')} />}
      />
      {user !== undefined && (
        <p>
          <SureButton
            size="md"
            sure={t('allSessions.endAllSure')}
            isBusy={endAll.isPending}
            onSure={() => endAll.mutate(user)}
          >
            {t('allSessions.endAll')}
          </SureButton>
        </p>
      )}
    </>
  )
}

function useEnding() {
  const { t } = useTranslation('admin')
  const { api, place } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const onSettled = () => queries.invalidateQueries({ queryKey: key })
  const end = useMutation({
    mutationFn: ({ ref }: Session) =>
      answerOf(api.DELETE('/api/v1/admin/sessions/{ref}', { params: { path: { ref } } })),
    onSettled,
    onSuccess: (_nothing, { current, user }) => {
      // Whoever ends the session they are in has logged out.
      if (current) location.assign(`${place.basePath}/auth/login`)
      else toast(t('allSessions.ended', { name: user.displayName }))
    },
  })
  const endAll = useMutation({
    mutationFn: (id: string) =>
      answerOf(api.POST('/api/v1/admin/users/{id}/end-sessions', { params: { path: { id } } })),
    onSettled,
    onSuccess: ({ ended }) => toast(t('allSessions.endedAll', { count: ended })),
  })
  return { end, endAll, error: end.error ?? endAll.error }
}
