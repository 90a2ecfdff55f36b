// Everybody who has ever logged in, and those who wait to be let in: found by name or by how they stand, let in, kept out.

import { NativeSelect, TextInput } from '@mantine/core'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import type { Column } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useAddress } from '../address.ts'
import { PagedTable } from './paged-table.tsx'
import {
  PersonActions,
  PersonLinks,
  peopleKey,
  STANDINGS,
  type Standing,
  standingOf,
  type User,
  usePersonChange,
} from './people.tsx'

export function PeoplePage() {
  const { t } = useTranslation('admin')
  const [asked, change] = useAddress()
  const [search, setSearch] = useState(asked.search ?? '')
  const state = STANDINGS.find((each) => each === asked.state)
  const wanted = { search: useDeferredValue(search.trim()), state }
  return (
    <Page title={t('people.title')} lead={t('people.lead')}>
      <div className="stack">
        <form className="filters" onSubmit={(event) => event.preventDefault()}>
          <TextInput
            type="search"
            label={t('people.search')}
            value={search}
            maxLength={100}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <NativeSelect
            label={t('people.state')}
            value={state ?? ''}
            onChange={(event) => change({ state: event.currentTarget.value })}
            data={[
              { value: '', label: t('people.state.any') },
              ...STANDINGS.map((each) => ({ value: each, label: t(`people.state.${each}`) })),
            ]}
          />
        </form>
        <People {...wanted} />
      </div>
    </Page>
  )
}

function People({ search, state }: { readonly search: string; readonly state: Standing | undefined }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const filter = { ...(search !== '' && { search }), ...(state !== undefined && { state }) }
  const change = usePersonChange()
  const columns: readonly Column<User>[] = [
    {
      title: t('people.person'),
      cell: (user) => (
        <>
          {user.displayName} <StandingBadge user={user} />
          <span className="exact">
            {user.username} · {user.provider}
          </span>
          <PersonLinks user={user} />
        </>
      ),
    },
    {
      title: t('people.groups'),
      cell: ({ groups, localGroups }) =>
        [...groups, ...localGroups.map((name) => `local:${name}`)].join(', ') || t('people.groups.none'),
    },
    { title: t('people.lastLogin'), cell: ({ lastLoginAt }) => <When at={lastLoginAt} /> },
    { title: t('actions'), isActions: true, cell: (user) => <PersonActions user={user} change={change} /> },
  ]
  return (
    <>
      {change.error !== null && <ProblemNotice error={change.error} />}
      <PagedTable
        caption={t('people.title')}
        columns={columns}
        keyOf={({ id }) => id}
        queryKey={[...peopleKey, filter]}
        ask={(page) => answerOf(api.GET('/api/v1/admin/users', { params: { query: { ...filter, ...page } } }))}
        rowsOf={({ users }) => users}
        empty={<Empty title={t('people.none')} />}
      />
    </>
  )
}

function StandingBadge({ user }: { readonly user: User }) {
  const { t } = useTranslation('admin')
  const standing = standingOf(user)
  return (
    <>
      {standing !== 'active' && (
        <span className={`badge ${standing === 'pending' ? 'warn' : 'bad'}`}>{t(`people.state.${standing}`)}</span>
      )}{' '}
      {user.isAdmin && <span className="badge">{t('people.admin')}</span>}
    </>
  )
}
