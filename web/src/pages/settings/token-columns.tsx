// What tables of tokens say of each, whoever looks at them.

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Column } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { useScopeWords, type Whose } from './scope-choice.tsx'
import type { Token } from './tokens-api.ts'

type Shown = Pick<Token, 'id' | 'name' | 'prefix' | 'scopes' | 'createdAt' | 'lastUsedAt'>

/** Name, scopes, when it was made and used: the first columns of each. */
export function useTokenColumns(whose: Whose): readonly Column<Shown>[] {
  const { t } = useTranslation('settings')
  const words = useScopeWords(whose)
  return [
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
    { title: t('tokens.created'), cell: ({ createdAt }) => <When at={createdAt} /> },
    {
      title: t('tokens.used'),
      cell: ({ lastUsedAt }) => (lastUsedAt === undefined ? t('tokens.never') : <When at={lastUsedAt} />),
    },
  ]
}

interface HistoryButtonProps {
  readonly name: string
  readonly isOpen: boolean
  readonly onToggle: () => void
}

/** Opens and closes the history below the table. */
export function HistoryButton({ name, isOpen, onToggle }: HistoryButtonProps) {
  const { t } = useTranslation('settings')
  return (
    <Button
      size="sm"
      variant="subtle"
      aria-expanded={isOpen}
      aria-label={t('tokens.historyOf', { name })}
      onClick={onToggle}
    >
      {t('tokens.history')}
    </Button>
  )
}
