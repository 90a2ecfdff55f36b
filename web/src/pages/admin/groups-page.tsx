// Groups of Gatehouse's own: made and taken away here, and who is in them.

import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { Section } from '../../parts/section.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { GroupMembers } from './group-members.tsx'
import { groupsKey } from './groups.ts'

type Group = paths['/api/v1/admin/groups']['get']['responses'][200]['content']['application/json']['groups'][number]

export function GroupsPage() {
  const { t } = useTranslation('admin')
  return (
    <Page title={t('groups.title')} lead={t('groups.lead')}>
      <Groups />
    </Page>
  )
}

function Groups() {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const [opened, setOpened] = useState<string>()
  const { data } = useSuspenseQuery({ queryKey: groupsKey, queryFn: () => answerOf(api.GET('/api/v1/admin/groups')) })
  const deleting = useMutation({
    mutationFn: ({ name }: Group) =>
      answerOf(api.DELETE('/api/v1/admin/groups/{name}', { params: { path: { name } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: groupsKey }),
    onSuccess: (_nothing, { name }) => toast(t('groups.deleted', { name })),
  })
  const columns: readonly Column<Group>[] = [
    {
      title: t('groups.name'),
      cell: ({ name, description }) => (
        <>
          <code>local:{name}</code>
          {description !== '' && <span className="exact">{description}</span>}
        </>
      ),
    },
    { title: t('groups.members'), cell: ({ memberCount }) => memberCount },
    {
      title: t('actions'),
      isActions: true,
      cell: (group) => (
        <span className="row-actions">
          <Button
            size="sm"
            variant="subtle"
            aria-expanded={opened === group.name}
            aria-label={`${t('groups.open')}: ${group.name}`}
            onClick={() => setOpened(opened === group.name ? undefined : group.name)}
          >
            {t('groups.open')}
          </Button>
          <SureButton
            label={`${t('groups.delete')}: ${group.name}`}
            sure={t('groups.deleteSure', { name: group.name })}
            isBusy={deleting.isPending}
            onSure={() => deleting.mutate(group)}
          >
            {t('groups.delete')}
          </SureButton>
        </span>
      ),
    },
  ]
  const shown = data.groups.find(({ name }) => name === opened)
  return (
    <>
      {deleting.error !== null && <ProblemNotice error={deleting.error} />}
      {data.groups.length === 0 ? (
        <Empty title={t('groups.none')}>
          <p>{t('groups.none.hint')}</p>
        </Empty>
      ) : (
        <Table caption={t('groups.title')} columns={columns} rows={data.groups} keyOf={({ name }) => name} />
      )}
      {shown !== undefined && <GroupMembers key={shown.name} name={shown.name} />}
      <Section title={t('groups.make')}>
        <GroupForm onMade={setOpened} />
      </Section>
    </>
  )
}

function GroupForm({ onMade }: { readonly onMade: (name: string) => void }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const making = useMutation({
    mutationFn: () => answerOf(api.POST('/api/v1/admin/groups', { body: { name: name.trim(), description } })),
    onSuccess: async ({ group }) => {
      setName('')
      setDescription('')
      await queries.invalidateQueries({ queryKey: groupsKey })
      onMade(group.name)
    },
  })
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    making.mutate()
  }
  return (
    <form className="stack" onSubmit={submit}>
      {making.error !== null && <ProblemNotice error={making.error} />}
      <div className="filters">
        <TextInput
          label={t('groups.newName')}
          value={name}
          maxLength={64}
          required
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label={t('groups.description')}
          value={description}
          maxLength={300}
          onChange={(event) => setDescription(event.currentTarget.value)}
        />
      </div>
      <p>
        <Button type="submit" variant="filled" disabled={making.isPending}>
          {t('groups.makeIt')}
        </Button>
      </p>
    </form>
  )
}
