// What can be done to a person: let in or refused while they wait, disabled and enabled, logged out everywhere.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'

export type User = paths['/api/v1/admin/users']['get']['responses'][200]['content']['application/json']['users'][number]

export const peopleKey = ['people'] as const

export const STANDINGS = ['active', 'pending', 'refused', 'disabled'] as const
export type Standing = (typeof STANDINGS)[number]

export function standingOf({ disabledAt, approval }: User): Standing {
  if (disabledAt !== undefined) return 'disabled'
  return approval === 'approved' ? 'active' : approval
}

const ACTS: Readonly<Record<Standing, readonly Act[]>> = {
  active: ['end-sessions', 'disable'],
  pending: ['approve', 'refuse'],
  refused: ['approve'],
  disabled: ['enable'],
}

type Act = 'approve' | 'refuse' | 'disable' | 'enable' | 'end-sessions'
const WELCOMING: ReadonlySet<Act> = new Set(['approve', 'enable'])

export type PersonChange = ReturnType<typeof usePersonChange>

export function usePersonChange() {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: async ({ user: { id }, act }: { readonly user: User; readonly act: Act }): Promise<void> => {
      const params = { path: { id } }
      switch (act) {
        case 'approve':
          return void (await answerOf(api.POST('/api/v1/admin/users/{id}/approve', { params })))
        case 'refuse':
          return void (await answerOf(api.POST('/api/v1/admin/users/{id}/refuse', { params })))
        case 'disable':
          return void (await answerOf(api.POST('/api/v1/admin/users/{id}/disable', { params })))
        case 'enable':
          return void (await answerOf(api.POST('/api/v1/admin/users/{id}/enable', { params })))
        case 'end-sessions':
          return void (await answerOf(api.POST('/api/v1/admin/users/{id}/end-sessions', { params })))
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: peopleKey }),
    onSuccess: (_nothing, { user, act }) => toast(t(`people.${act}.done`, { name: user.displayName })),
  })
}

export function PersonActions({ user, change }: { readonly user: User; readonly change: PersonChange }) {
  const { t } = useTranslation('admin')
  return (
    <span className="row-actions">
      {ACTS[standingOf(user)].map((act) => (
        <Button
          key={act}
          size="sm"
          variant="subtle"
          color={WELCOMING.has(act) ? 'accent' : 'danger'}
          disabled={change.isPending}
          aria-label={`${t(`people.${act}`)}: ${user.displayName}`}
          onClick={() => change.mutate({ user, act })}
        >
          {t(`people.${act}`)}
        </Button>
      ))}
    </span>
  )
}

/** To what else there is of a person. */
export function PersonLinks({ user: { id, displayName } }: { readonly user: User }) {
  const { t } = useTranslation('admin')
  return (
    <span className="row-links">
      <Link to="/admin/policy" search={{ user: id }} aria-label={`${t('people.policy')}: ${displayName}`}>
        {t('people.policy')}
      </Link>
      <Link to="/admin/sessions" search={{ user: id }} aria-label={`${t('people.sessions')}: ${displayName}`}>
        {t('people.sessions')}
      </Link>
      <Link to="/admin/tokens" search={{ user: id }} aria-label={`${t('people.tokens')}: ${displayName}`}>
        {t('people.tokens')}
      </Link>
    </span>
  )
}
