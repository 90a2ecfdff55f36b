// Makes an account for a program: what it is for, the groups that policies know it by, what its keys may be used for.

import { Button, TextInput } from '@mantine/core'
import { useMutation, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { ScopeChoice, scopeField } from '../settings/scope-choice.tsx'
import { tokensKey } from '../settings/tokens-api.ts'

/** It is shown this once. */
export interface NewKey {
  /** Of the account. */
  readonly name: string
  readonly secret: string
}

interface ServiceAccountFormProps {
  /** The names that there are: the same call would change such an account. */
  readonly taken: readonly string[]
  readonly onMade: (made: NewKey) => Promise<void>
}

export function ServiceAccountForm({ taken, onMade }: ServiceAccountFormProps) {
  const { t } = useTranslation(['admin', 'settings'])
  const { api } = usePortal()
  const { data } = useSuspenseQuery({
    queryKey: [...tokensKey, 'scopes'],
    queryFn: () => answerOf(api.GET('/api/v1/tokens/scopes')),
  })
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const [groups, setGroups] = useState('')
  const [scopes, setScopes] = useState<readonly string[]>([])
  const [isAsked, setAsked] = useState(false)
  const making = useMutation({
    mutationFn: () =>
      answerOf(
        api.PUT('/api/v1/admin/service-accounts/{name}', {
          params: { path: { name } },
          body: { description, groups: splitList(groups), scopes: [...scopes] },
        }),
      ),
    onSuccess: async (made) => {
      const shown = 'secret' in made ? { name, secret: made.secret } : undefined
      setName('')
      setDescription('')
      setGroups('')
      setScopes([])
      setAsked(false)
      if (shown !== undefined) await onMade(shown)
    },
  })
  const nameFault = taken.includes(name) ? t('services.taken') : undefined
  const scopeFault = isAsked && scopes.length === 0 ? t('tokens.scopeMissing', { ns: 'settings' }) : undefined

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setAsked(true)
    const missing =
      nameFault !== undefined
        ? 'service-account-name'
        : scopes.length === 0
          ? scopeField(data.scopes[0]?.scope ?? '')
          : undefined
    if (missing !== undefined) document.getElementById(missing)?.focus()
    else making.mutate()
  }

  return (
    <form className="card form" onSubmit={submit}>
      {making.error !== null && <ProblemNotice error={making.error} />}
      <TextInput
        id="service-account-name"
        label={t('services.name')}
        description={t('services.nameHint')}
        value={name}
        error={nameFault}
        maxLength={63}
        autoComplete="off"
        required
        onChange={({ currentTarget }) => setName(currentTarget.value.trim())}
      />
      <TextInput
        label={t('services.for')}
        value={description}
        maxLength={500}
        onChange={({ currentTarget }) => setDescription(currentTarget.value)}
      />
      <TextInput
        label={t('people.groups')}
        description={t('services.groupsHint')}
        value={groups}
        autoComplete="off"
        onChange={({ currentTarget }) => setGroups(currentTarget.value)}
      />
      <ScopeChoice whose="account" scopes={data.scopes} chosen={scopes} onChoose={setScopes} fault={scopeFault} />
      <p>
        <Button type="submit" variant="filled" loading={making.isPending}>
          {t('services.makeIt')}
        </Button>
      </p>
    </form>
  )
}

const splitList = (text: string): string[] => [
  ...new Set(
    text
      .split(',')
      .map((each) => each.trim())
      .filter((each) => each !== ''),
  ),
]
