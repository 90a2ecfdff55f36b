import { useSuspenseQuery } from '@tanstack/react-query'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { usePortal } from '../../portal-context.ts'

export type App = paths['/api/v1/apps']['get']['responses'][200]['content']['application/json']['apps'][number]

/** What is behind the door, in the order of the configuration. */
export function useApps(): readonly App[] {
  const { api } = usePortal()
  const { data } = useSuspenseQuery({ queryKey: ['apps'], queryFn: () => answerOf(api.GET('/api/v1/apps')) })
  return data.apps
}
