// The tokens that there are, the newest first: what they may do, when they were used, when they end.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { useScopeWords } from './scope-choice.tsx'
import { type Token, tokensKey } from './tokens-api.ts'

export function TokenTable({ tokens }: { readonly tokens: readonly Token[] }) {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const words = useScopeWords()
  /** Asked whether it is meant. */
  const [asked, setAsked] = useState<string>()
  const revoking = useMutation({
    mutationFn: ({ id }: Token) => answerOf(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: tokensKey }),
    onSuccess: (_nothing, { name }) => toast(t('tokens.revoked', { name })),
  })
  const columns: readonly Column<Token>[] = [
    {
      title: t('tokens.name'),
      cell: ({ name, prefix }) => (
        <>
          {name}
          <span className="exact">
            <code>{prefix}…</code>
          </span>
        </>
      ),
    },
    {
      title: t('tokens.scopes'),
      cell: ({ scopes }) => (
        <ul className="chips">
          {scopes.map((scope) => (
            <li key={scope} className="badge">
              {words(scope)}
            </li>
          ))}
        </ul>
      ),
    },
    { title: t('tokens.created'), cell: ({ createdAt }) => <When at={createdAt} exact /> },
    {
      title: t('tokens.used'),
      cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? t('tokens.never') : <When at={lastUsedAt} exact />),
    },
    {
      title: t('tokens.ends'),
      cell: ({ expiresAt }) => (expiresAt === undefined ? t('tokens.never') : <When at={expiresAt} exact />),
    },
    {
      title: t('actions'),
      isActions: true,
      cell: (token) =>
        asked === token.id ? (
          <Button
            size="sm"
            variant="filled"
            color="danger"
            autoFocus
            loading={revoking.isPending}
            onClick={() => revoking.mutate(token)}
            onBlur={() => setAsked(undefined)}
          >
            {t('tokens.revokeSure', { name: token.name })}
          </Button>
        ) : (
          <Button
            size="sm"
            variant="subtle"
            color="danger"
            aria-label={t('tokens.revokeOne', { name: token.name })}
            onClick={() => setAsked(token.id)}
          >
            {t('tokens.revoke')}
          </Button>
        ),
    },
  ]
  return (
    <div className="stack">
      {revoking.error !== null && <ProblemNotice error={revoking.error} />}
      <Table caption={t('tokens.yours')} columns={columns} rows={tokens} keyOf={({ id }) => id} />
    </div>
  )
}
