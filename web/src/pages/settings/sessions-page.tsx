// Every browser that is logged in as me: since when, until when, and the way to end it.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { useDeviceWords } from '../../parts/device.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'

type Session = paths['/api/v1/sessions']['get']['responses'][200]['content']['application/json']['sessions'][number]

export function SessionsPage() {
  const { t } = useTranslation('settings')
  return (
    <Page title={t('sessions.title')} lead={t('sessions.lead')}>
      <Sessions />
    </Page>
  )
}

const key = ['sessions'] as const

function Sessions() {
  const { t } = useTranslation('settings')
  const { api, place } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const sayDevice = useDeviceWords()
  const { data } = useSuspenseQuery({ queryKey: key, queryFn: () => answerOf(api.GET('/api/v1/sessions')) })
  const others = data.sessions.filter(({ current }) => !current)
  const ending = useMutation({
    mutationFn: (ended: readonly Session[]) =>
      Promise.all(
        ended.map(({ ref }) => answerOf(api.DELETE('/api/v1/sessions/{ref}', { params: { path: { ref } } }))),
      ),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
    onSuccess: (_nothing, ended) => {
      // Whoever ends the session they are in has logged out.
      if (ended.some(({ current }) => current)) location.assign(`${place.basePath}/auth/login`)
      else toast(t('sessions.ended', { count: ended.length }))
    },
  })
  const columns: readonly Column<Session>[] = [
    {
      title: t('sessions.device'),
      cell: (session) => (
        <>
          {sayDevice(session)} {session.current && <span className="badge ok">{t('sessions.current')}</span>}
          <span className="exact">{session.address}</span>
        </>
      ),
    },
    { title: t('sessions.created'), cell: ({ createdAt }) => <When at={createdAt} /> },
    { title: t('sessions.used'), cell: ({ lastSeenAt }) => <When at={lastSeenAt} /> },
    {
      title: t('sessions.ends'),
      cell: ({ idleEndsAt, endsAt }) => <When at={idleEndsAt < endsAt ? idleEndsAt : endsAt} />,
    },
    {
      title: t('actions'),
      isActions: true,
      cell: (session) => (
        <Button
          size="sm"
          color="danger"
          variant="subtle"
          disabled={ending.isPending}
          aria-label={t(session.current ? 'sessions.endThis' : 'sessions.endOne', { device: sayDevice(session) })}
          onClick={() => ending.mutate([session])}
        >
          {t('sessions.end')}
        </Button>
      ),
    },
  ]
  return (
    <div className="stack">
      {ending.error !== null && <ProblemNotice error={ending.error} />}
      <Table caption={t('sessions.title')} columns={columns} rows={data.sessions} keyOf={({ ref }) => ref} />
      {others.length > 0 && (
        <p>
          <Button disabled={ending.isPending} onClick={() => ending.mutate(others)}>
            {t('sessions.endOthers', { count: others.length })}
          </Button>
        </p>
      )}
    </div>
  )
}
