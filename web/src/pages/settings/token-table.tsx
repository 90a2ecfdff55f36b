// The tokens that there are, the newest first: what they may do, when they were used, when they end.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { HistoryButton, useTokenColumns } from './token-columns.tsx'
import { TokenHistory } from './token-history.tsx'
import { type Token, tokensKey } from './tokens-api.ts'

export function TokenTable({ tokens }: { readonly tokens: readonly Token[] }) {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const shared = useTokenColumns('reader')
  /** Whose history is shown. */
  const [opened, setOpened] = useState<string>()
  const revoking = useMutation({
    mutationFn: ({ id }: Token) => answerOf(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: tokensKey }),
    onSuccess: (_nothing, { name }) => toast(t('tokens.revoked', { name })),
  })
  const columns: readonly Column<Token>[] = [
    ...shared,
    {
      title: t('tokens.ends'),
      cell: ({ expiresAt, endsSoon }) => (
        <>
          {expiresAt === undefined ? t('tokens.never') : <When at={expiresAt} />}
          {endsSoon && <span className="badge warn">{t('tokens.endsSoon')}</span>}
        </>
      ),
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
            label={t('tokens.revokeOne', { name: token.name })}
            sure={t('tokens.revokeSure', { name: token.name })}
            isBusy={revoking.isPending}
            onSure={() => revoking.mutate(token)}
          >
            {t('tokens.revoke')}
          </SureButton>
        </span>
      ),
    },
  ]
  const shown = tokens.find(({ id }) => id === opened)
  return (
    <div className="stack">
      {revoking.error !== null && <ProblemNotice error={revoking.error} />}
      <Table caption={t('tokens.yours')} columns={columns} rows={tokens} keyOf={({ id }) => id} />
      {shown !== undefined && <TokenHistory key={shown.id} token={shown} />}
    </div>
  )
}
