// Whom an id means, by name where that is known: `cli`, or somebody whose row is gone, stays what it is.

import { useQuery } from '@tanstack/react-query'
import { answerOf } from '../../api/client.ts'
import { usePortal } from '../../portal-context.ts'

const USER_ID = /^[0-9a-f]{8}-[0-9a-f-]{27}$/

export function PersonName({ id }: { readonly id: string }) {
  const { api } = usePortal()
  const { data } = useQuery({
    queryKey: ['person', id],
    queryFn: () => answerOf(api.GET('/api/v1/admin/users/{id}', { params: { path: { id } } })),
    enabled: USER_ID.test(id),
    staleTime: 60_000,
    retry: false,
  })
  if (data === undefined) return <code>{id}</code>
  const { displayName, username, provider } = data.user
  return (
    <>
      {displayName}
      <span className="exact">
        {username} · {provider}
      </span>
    </>
  )
}
