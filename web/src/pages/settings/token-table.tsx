// Tokens that are good, the newest first: what they may do, when they were used, when they end; and the way to end one.

import { type QueryKey, useMutation, useQueryClient } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { SureButton } from '../../parts/sure-button.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { useToast } from '../../shell/toast.tsx'
import type { Whose } from './scope-choice.tsx'
import { HistoryButton, useTokenColumns } from './token-columns.tsx'
import type { ListedToken } from './tokens-api.ts'

interface TokenTableProps {
  readonly caption: string
  readonly tokens: readonly ListedToken[]
  readonly whose: Whose
  readonly revoke: (id: string) => Promise<unknown>
  /** Of what is other once one is revoked. */
  readonly queryKey: QueryKey
  readonly historyOf: (token: ListedToken) => ReactNode
  /** Instead of a table without rows. */
  readonly none: ReactNode
}

export function TokenTable({ caption, tokens, whose, revoke, queryKey, historyOf, none }: TokenTableProps) {
  const { t } = useTranslation('settings')
  const queries = useQueryClient()
  const toast = useToast()
  const shared = useTokenColumns(whose)
  /** Whose history is shown. */
  const [opened, setOpened] = useState<string>()
  const revoking = useMutation({
    mutationFn: ({ id }: ListedToken) => revoke(id),
    onSettled: () => queries.invalidateQueries({ queryKey }),
    onSuccess: (_nothing, { name }) => toast(t('tokens.revoked', { name })),
  })
  const columns: readonly Column<ListedToken>[] = [
    ...shared,
    {
      title: t('tokens.ends'),
      cell: ({ expiresAt, endsSoon = false }) => (
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
      {tokens.length === 0 ? none : <Table caption={caption} columns={columns} rows={tokens} keyOf={({ id }) => id} />}
      {shown !== undefined && historyOf(shown)}
    </div>
  )
}
