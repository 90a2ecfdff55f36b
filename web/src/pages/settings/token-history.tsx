// What happened to one of the tokens, the newest first: made, used from another address, revoked, over by its time.

import { Button } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { type Token, tokensKey } from './tokens-api.ts'

const PAGE_SIZE = 20

export function TokenHistory({ token: { id, name } }: { readonly token: Token }) {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: [...tokensKey, 'history', id],
    queryFn: ({ pageParam: after }) =>
      answerOf(
        api.GET('/api/v1/tokens/{id}/history', {
          params: { path: { id }, query: { limit: PAGE_SIZE, ...(after !== undefined && { after }) } },
        }),
      ),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : Number(next)),
  })
  const events = data?.pages.flatMap((page) => page.events) ?? []
  return (
    <section className="card" aria-labelledby="token-history">
      <h3 id="token-history">{t('history.title', { name })}</h3>
      <p className="muted">{t('history.lead')}</p>
      {error !== null && <ProblemNotice error={error} />}
      {data === undefined && error === null && <p className="muted loading">{t('history.loading')}</p>}
      <ol className="history">
        {events.map(({ at, what, by, address }) => (
          <li key={`${at} ${what}`}>
            <When at={at} />
            <span>
              {t(`history.${what}`)}
              {address !== undefined && (
                <>
                  {' · '}
                  <code>{address}</code>
                </>
              )}
              {by === 'other' && <span className="badge warn">{t('history.other')}</span>}
            </span>
          </li>
        ))}
      </ol>
      {hasNextPage && (
        <p>
          <Button size="sm" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('history.more')}
          </Button>
        </p>
      )}
    </section>
  )
}
