// Tokens that are good no more, for as long as something is kept of them: how each ended, and what happened to it.

import { type ReactNode, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import type { Whose } from './scope-choice.tsx'
import { HistoryButton, useTokenColumns } from './token-columns.tsx'
import type { EndedToken } from './tokens-api.ts'

interface EndedTokensProps {
  readonly tokens: readonly EndedToken[]
  readonly whose: Whose
  readonly historyOf: (token: EndedToken) => ReactNode
}

export function EndedTokens({ tokens, whose, historyOf }: EndedTokensProps) {
  const { t } = useTranslation('settings')
  const shared = useTokenColumns(whose)
  const [opened, setOpened] = useState<string>()
  const columns: readonly Column<EndedToken>[] = [
    ...shared,
    {
      title: t('ended.at'),
      cell: ({ endedAt, isRevoked }) => (
        <>
          {isRevoked ? t('history.revoked') : t('history.expired')}
          <br />
          <When at={endedAt} />
        </>
      ),
    },
    {
      title: t('actions'),
      isActions: true,
      cell: ({ id, name }) => (
        <span className="row-actions">
          <HistoryButton
            name={name}
            isOpen={opened === id}
            onToggle={() => setOpened(opened === id ? undefined : id)}
          />
        </span>
      ),
    },
  ]
  const shown = tokens.find(({ id }) => id === opened)
  return (
    <Section title={t('ended.title')} lead={t('ended.lead')}>
      <div className="stack">
        <Table caption={t('ended.title')} columns={columns} rows={tokens} keyOf={({ id }) => id} />
        {shown !== undefined && historyOf(shown)}
      </div>
    </Section>
  )
}
