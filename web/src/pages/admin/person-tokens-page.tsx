// The access tokens of one person, good or not any more: what each may do, what happened to it and who did it, and its end.

import { useSuspenseQueries } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { usePortal } from '../../portal-context.ts'
import { useAddress } from '../address.ts'
import { EndedTokens } from '../settings/ended-tokens.tsx'
import { TokenEvents } from '../settings/token-history.tsx'
import { TokenTable } from '../settings/token-table.tsx'
import type { ListedToken } from '../settings/tokens-api.ts'
import { PersonChoice } from './person-choice.tsx'
import { PersonName } from './person-name.tsx'

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
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const params = { path: { id: user } }
  const [{ data: good }, { data: ended }] = useSuspenseQueries({
    queries: [
      {
        queryKey: [...key, user],
        queryFn: () => answerOf(api.GET('/api/v1/admin/users/{id}/tokens', { params })),
      },
      {
        queryKey: [...key, user, 'ended'],
        queryFn: () => answerOf(api.GET('/api/v1/admin/users/{id}/tokens/ended', { params })),
      },
    ],
  })
  return (
    <div className="stack">
      <TokenTable
        caption={t('personTokens.good')}
        tokens={good.tokens}
        whose="account"
        revoke={(id) => answerOf(api.DELETE('/api/v1/admin/tokens/{id}', { params: { path: { id } } }))}
        queryKey={key}
        historyOf={(token) => <History key={token.id} token={token} />}
        none={<Empty title={t('personTokens.none')} />}
      />
      {ended.tokens.length > 0 && (
        <EndedTokens
          whose="account"
          tokens={ended.tokens}
          historyOf={(token) => <History key={token.id} token={token} />}
        />
      )}
    </div>
  )
}

/** Everything that is known, also of whom it was. */
function History({ token }: { readonly token: Pick<ListedToken, 'id' | 'name'> }) {
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
