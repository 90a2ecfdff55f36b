// Lists that come a page at a time: what has come so far as a table, and a button for more.

import { Button } from '@mantine/core'
import { type QueryKey, useInfiniteQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { type Column, Table } from '../../parts/table.tsx'

/** Which page to ask for. */
export interface PageAsked {
  readonly limit: number
  /** `next` of the page before. */
  readonly after?: string
}

const PAGE_SIZE = 50

interface AnsweredPage {
  /** Where the next one begins; absent on the last. */
  readonly next?: string | undefined
}

interface PagedTableProps<Answer extends AnsweredPage, Row> {
  readonly caption: string
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  /** Names what is asked, with all that it depends on. */
  readonly queryKey: QueryKey
  readonly ask: (page: PageAsked) => Promise<Answer>
  readonly rowsOf: (answer: Answer) => readonly Row[]
  /** In place of a table without rows. */
  readonly empty: ReactNode
}

export function PagedTable<Answer extends AnsweredPage, Row>(props: PagedTableProps<Answer, Row>) {
  const { caption, columns, keyOf, queryKey, ask, rowsOf, empty } = props
  const { t } = useTranslation('admin')
  const { data, error, isPending, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey,
    queryFn: ({ pageParam: after }) => ask({ limit: PAGE_SIZE, ...(after !== undefined && { after }) }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ next }: Answer) => next,
    placeholderData: (before) => before,
  })
  const rows = data?.pages.flatMap(rowsOf) ?? []
  // A page may be empty where others follow.
  const mustGoOn = !isPending && rows.length === 0 && hasNextPage && !isFetchingNextPage
  useEffect(() => {
    if (mustGoOn) void fetchNextPage()
  }, [mustGoOn, fetchNextPage])
  if (error !== null) return <ProblemNotice error={error} />
  if (isPending || (rows.length === 0 && hasNextPage)) return <p className="muted loading">{t('loading')}</p>
  if (rows.length === 0) return empty
  return (
    <>
      <Table caption={caption} columns={columns} rows={rows} keyOf={keyOf} />
      {hasNextPage && (
        <p>
          <Button disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {t('more')}
          </Button>
        </p>
      )}
      <output className="visually-hidden">{data.pages.length > 1 && t('shown', { count: rows.length })}</output>
    </>
  )
}
