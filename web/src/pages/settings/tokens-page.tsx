// Access tokens for programs: make one, see it once, see what is used, revoke.

import { useSuspenseQueries } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { usePortal } from '../../portal-context.ts'
import { EndedTokens } from './ended-tokens.tsx'
import { TokenForm } from './token-form.tsx'
import { TokenHistory } from './token-history.tsx'
import { NewTokenSecret } from './token-secret.tsx'
import { TokenTable } from './token-table.tsx'
import { type Minted, tokensKey } from './tokens-api.ts'

export function TokensPage() {
  const { t } = useTranslation('settings')
  return (
    <Page title={t('tokens.title')} lead={t('tokens.lead')}>
      <Tokens />
    </Page>
  )
}

function Tokens() {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const [minted, setMinted] = useState<Minted>()
  const [{ data: good }, { data: ended }] = useSuspenseQueries({
    queries: [
      { queryKey: tokensKey, queryFn: () => answerOf(api.GET('/api/v1/tokens')) },
      { queryKey: [...tokensKey, 'ended'], queryFn: () => answerOf(api.GET('/api/v1/tokens/ended')) },
    ],
  })
  return (
    <>
      {minted !== undefined && <NewTokenSecret minted={minted} onDone={() => setMinted(undefined)} />}
      <Section title={t('tokens.yours')}>
        <TokenTable
          caption={t('tokens.yours')}
          tokens={good.tokens}
          whose="reader"
          revoke={(id) => answerOf(api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } }))}
          queryKey={tokensKey}
          historyOf={(token) => <TokenHistory key={token.id} token={token} />}
          none={
            <Empty title={t('tokens.none')}>
              <p>{t('tokens.noneHint')}</p>
            </Empty>
          }
        />
      </Section>
      <Section title={t('tokens.make')} lead={t('tokens.makeLead')}>
        <TokenForm onMinted={setMinted} />
      </Section>
      {ended.tokens.length > 0 && (
        <EndedTokens
          whose="reader"
          tokens={ended.tokens}
          historyOf={(token) => <TokenHistory key={token.id} token={token} />}
        />
      )}
    </>
  )
}
