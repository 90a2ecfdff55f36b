// Makes a token: what it is for, what it may do, how long it lives.

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { ScopeChoice, scopeField } from './scope-choice.tsx'
import { type Minted, type NewToken, tokensKey } from './tokens-api.ts'

const DAYS = [7, 30, 90, 365] as const
const USUAL_DAYS = 90

export function TokenForm({ onMinted }: { readonly onMinted: (minted: Minted) => void }) {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const queries = useQueryClient()
  const { data } = useSuspenseQuery({
    queryKey: [...tokensKey, 'scopes'],
    queryFn: () => answerOf(api.GET('/api/v1/tokens/scopes')),
  })
  const [name, setName] = useState('')
  const [scopes, setScopes] = useState<readonly string[]>([])
  const [days, setDays] = useState<number>(USUAL_DAYS)
  const [isAsked, setAsked] = useState(false)
  const minting = useMutation({
    mutationFn: (body: NewToken) => answerOf(api.POST('/api/v1/tokens', { body })),
    onSuccess: async (minted) => {
      setName('')
      setScopes([])
      setAsked(false)
      await queries.invalidateQueries({ queryKey: tokensKey, exact: true })
      onMinted(minted)
      scrollTo({ top: 0 })
    },
  })
  const nameFault = isAsked && name.trim() === '' ? t('tokens.nameMissing') : undefined
  const scopeFault = isAsked && scopes.length === 0 ? t('tokens.scopeMissing') : undefined

  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setAsked(true)
    const missing =
      name.trim() === '' ? 'token-name' : scopes.length === 0 ? scopeField(data.scopes[0]?.scope ?? '') : undefined
    if (missing !== undefined) document.getElementById(missing)?.focus()
    else minting.mutate({ name: name.trim(), scopes: [...scopes], expiresInDays: days })
  }

  return (
    <form className="card form" onSubmit={submit} noValidate>
      {minting.error !== null && <ProblemNotice error={minting.error} />}
      <TextInput
        id="token-name"
        label={t('tokens.name')}
        description={t('tokens.nameHint')}
        value={name}
        error={nameFault}
        maxLength={100}
        autoComplete="off"
        required
        onChange={({ currentTarget }) => setName(currentTarget.value)}
      />
      <ScopeChoice scopes={data.scopes} chosen={scopes} onChoose={setScopes} fault={scopeFault} />
      <NativeSelect
        label={t('tokens.lifetime')}
        value={String(days)}
        onChange={({ currentTarget }) => setDays(Number(currentTarget.value))}
        data={DAYS.map((each) => ({ value: String(each), label: t('tokens.days', { count: each }) }))}
      />
      <p>
        <Button type="submit" variant="filled" loading={minting.isPending}>
          {t('tokens.submit')}
        </Button>
      </p>
    </form>
  )
}
