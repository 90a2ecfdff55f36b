// The access tokens of one person, good or not any more: what each may do, what happened to it and who did it, and its end.

import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { useAddress } from '../address.ts'
import { EndedTokens } from '../settings/ended-tokens.tsx'
import { HistoryButton, useTokenColumns } from '../settings/token-columns.tsx'
import { TokenEvents } from '../settings/token-history.tsx'
import { PersonChoice } from './person-choice.tsx'
import { PersonName } from './person-name.tsx'

type Token =
  paths['/api/v1/admin/users/{id}/tokens']['get']['responses'][200]['content']['application/json']['tokens'][number]

const key = ['person-tokens'] as const

export function PersonTokensPage() {
  const { t } = useTranslation('admin')
  const [{ user }, change] = useAddress()
  return (
    <Page title={t('personTokens.title')} lead={t('personTokens.lead')}>
      <div className="stack">
        <PersonChoice chosen={user} onChoose={(id) => change({ user: id })} />
        {user === undefined ? <Empty title={t('personTokens.choose')} /> : <Tokens key={user} user={user} />}
      </div>
    </Page>
  )
}

function Tokens({ user }: { readonly user: string }) {
  const { t } = useTranslation(['admin', 'settings'])
  const { api } = usePortal()
  const params = { path: { id: user } }
  const { data } = useSuspenseQuery({
    queryKey: [...key, user],
    queryFn: async () => ({
      good: (await answerOf(api.GET('/api/v1/admin/users/{id}/tokens', { params }))).tokens,
      ended: (await answerOf(api.GET('/api/v1/admin/users/{id}/tokens/ended', { params }))).tokens,
    }),
  })
  const revoking = useRevoking()
  const shared = useTokenColumns('account')
  const [opened, setOpened] = useState<string>()
  const columns: readonly Column<Token>[] = [
    ...shared,
    {
      title: t('tokens.ends', { ns: 'settings' }),
      cell: ({ expiresAt }) =>
        expiresAt === undefined ? t('tokens.never', { ns: 'settings' }) : <When at={expiresAt} />,
    },
    {
      title: t('actions'),
      isActions: true,
      cell: (token) => (
        <span className="row-actions">
          <HistoryButton
            name={token.name}
            isOpen={opened === token.id}
            onToggle={() => setOpened(opened === token.id ? undefined : token.id)}
          />
          <SureButton
            label={t('tokens.revokeOne', { ns: 'settings', name: token.name })}
            sure={t('tokens.revokeSure', { ns: 'settings', name: token.name })}
            isBusy={revoking.isPending}
            onSure={() => revoking.mutate(token)}
          >
            {t('tokens.revoke', { ns: 'settings' })}
          </SureButton>
        </span>
      ),
    },
  ]
  const shown = data.good.find(({ id }) => id === opened)
  return (
    <div className="stack">
      {revoking.error !== null && <ProblemNotice error={revoking.error} />}
      {data.good.length === 0 ? (
        <Empty title={t('personTokens.none')} />
      ) : (
        <Table caption={t('personTokens.good')} columns={columns} rows={data.good} keyOf={({ id }) => id} />
      )}
      {shown !== undefined && <History key={shown.id} token={shown} />}
      {data.ended.length > 0 && (
        <EndedTokens
          whose="account"
          tokens={data.ended}
          historyOf={(token) => <History key={token.id} token={token} />}
        />
      )}
    </div>
  )
}

function useRevoking() {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: ({ id }: Token) => answerOf(api.DELETE('/api/v1/admin/tokens/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: key }),
    onSuccess: (_nothing, { name }) => toast(t('tokens.revoked', { name })),
  })
}

/** Everything that is known, also of whom it was. */
function History({ token }: { readonly token: Pick<Token, 'id' | 'name'> }) {
  const { api } = usePortal()
  return (
    <TokenEvents
      token={token}
      queryKey={[...key, 'history', token.id]}
      ask={(query) =>
        answerOf(api.GET('/api/v1/admin/tokens/{id}/history', { params: { path: { id: token.id }, query } }))
      }
      sayWho={({ actor }) =>
        actor !== undefined && (
          <>
            {' · '}
            <PersonName id={actor} />
          </>
        )
      }
    />
  )
}
