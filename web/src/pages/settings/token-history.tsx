// What happened to one of the tokens, the newest first: made, used from another address, revoked, over by its time.

import { Button } from '@mantine/core'
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { tokensKey } from './tokens-api.ts'

interface HistoryProps {
  readonly token: { readonly id: string; readonly name: string }
}

export interface TokenEvent {
  readonly at: string
  readonly what: 'made' | 'used' | 'replaced' | 'revoked' | 'expired'
  readonly by: 'owner' | 'other' | 'itself'
  readonly address?: string | undefined
}

interface Answer<Event extends TokenEvent> {
  readonly events: readonly Event[]
  readonly next?: string | undefined
}

interface PageAsked {
  readonly limit: number
  /** `next` of the page before. */
  readonly after?: number
}

const PAGE_SIZE = 20

/** As its owner may see it. */
export function TokenHistory({ token }: HistoryProps) {
  const { t } = useTranslation('settings')
  const { api } = usePortal()
  return (
    <TokenEvents
      token={token}
      queryKey={[...tokensKey, 'history', token.id]}
      ask={(query) => answerOf(api.GET('/api/v1/tokens/{id}/history', { params: { path: { id: token.id }, query } }))}
      sayWho={({ by }) => by === 'other' && <span className="badge warn">{t('history.other')}</span>}
    />
  )
}

interface EventsProps<Event extends TokenEvent> extends HistoryProps {
  readonly queryKey: QueryKey
  readonly ask: (page: PageAsked) => Promise<Answer<Event>>
  /** Who did it, where that is to be said. */
  readonly sayWho: (event: Event) => ReactNode
}

export function TokenEvents<Event extends TokenEvent>({ token, queryKey, ask, sayWho }: EventsProps<Event>) {
  const { t } = useTranslation('settings')
  const { data, error, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam: after }) => ask({ limit: PAGE_SIZE, ...(after !== undefined && { after }) }),
    initialPageParam: undefined as number | undefined,
    getNextPageParam: ({ next }) => (next === undefined ? undefined : Number(next)),
  })
  const events = data?.pages.flatMap((page) => page.events) ?? []
  return (
    <section className="card" aria-labelledby="token-history">
      <h3 id="token-history">{t('history.title', { name: token.name })}</h3>
      <p className="muted">{t('history.lead')}</p>
      {error !== null && <ProblemNotice error={error} />}
      {data === undefined && error === null && <p className="muted loading">{t('history.loading')}</p>}
      <ol className="history">
        {events.map((event) => (
          <li key={`${event.at} ${event.what}`}>
            <When at={event.at} />
            <span>
              {t(`history.${event.what}`)}
              {event.address !== undefined && (
                <>
                  {' · '}
                  <code>{event.address}</code>
                </>
              )}
              {sayWho(event)}
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
