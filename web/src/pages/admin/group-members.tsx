// Who is in a group, and the way to put somebody in: found by name, added with a button.

import { Button, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { usePortal } from '../../portal-context.ts'
import { groupsKey } from './groups.ts'
import { peopleKey, type User } from './people.tsx'

/** As many as one looks through; a longer name finds the others. */
const FOUND = 10

export function GroupMembers({ name }: { readonly name: string }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const queries = useQueryClient()
  const [search, setSearch] = useState('')
  const wanted = useDeferredValue(search.trim())
  const members = useQuery({
    queryKey: [...groupsKey, name],
    queryFn: () => answerOf(api.GET('/api/v1/admin/groups/{name}', { params: { path: { name } } })),
  })
  const found = useQuery({
    queryKey: [...peopleKey, 'for-group', wanted],
    queryFn: () => answerOf(api.GET('/api/v1/admin/users', { params: { query: { search: wanted, limit: FOUND } } })),
    enabled: wanted !== '',
  })
  const changing = useMutation({
    mutationFn: async ({ user: { id }, isIn }: { readonly user: User; readonly isIn: boolean }): Promise<void> => {
      const params = { path: { name, userId: id } }
      if (isIn) await answerOf(api.PUT('/api/v1/admin/groups/{name}/members/{userId}', { params }))
      else await answerOf(api.DELETE('/api/v1/admin/groups/{name}/members/{userId}', { params }))
    },
    onSettled: () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: groupsKey }),
        queries.invalidateQueries({ queryKey: peopleKey }),
      ]),
  })
  const columnsFor = (isIn: boolean): readonly Column<User>[] => [
    {
      title: t('people.person'),
      cell: ({ displayName, username, provider }) => (
        <>
          {displayName}
          <span className="exact">
            {username} · {provider}
          </span>
        </>
      ),
    },
    {
      title: t('actions'),
      isActions: true,
      cell: (user) => (
        <Button
          size="sm"
          variant="subtle"
          color={isIn ? 'danger' : 'accent'}
          disabled={changing.isPending}
          aria-label={`${t(isIn ? 'groups.remove' : 'groups.add')}: ${user.displayName}`}
          onClick={() => changing.mutate({ user, isIn: !isIn })}
        >
          {t(isIn ? 'groups.remove' : 'groups.add')}
        </Button>
      ),
    },
  ]
  const error = members.error ?? found.error ?? changing.error
  const inside = members.data?.members ?? []
  const others = (found.data?.users ?? []).filter(({ id }) => !inside.some((member) => member.id === id))
  return (
    <Section title={t('groups.membersOf', { name })}>
      <div className="stack">
        {error !== null && <ProblemNotice error={error} />}
        {inside.length === 0 ? (
          <Empty title={t('groups.empty')} />
        ) : (
          <Table
            caption={t('groups.membersOf', { name })}
            columns={columnsFor(true)}
            rows={inside}
            keyOf={({ id }) => id}
          />
        )}
        <div className="filters">
          <TextInput
            type="search"
            label={t('groups.find')}
            value={search}
            maxLength={100}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
        </div>
        {others.length > 0 && (
          <Table caption={t('groups.found')} columns={columnsFor(false)} rows={others} keyOf={({ id }) => id} />
        )}
      </div>
    </Section>
  )
}
