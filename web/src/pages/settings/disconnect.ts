// Gives a connected account back. What is shown of accounts, services and hubs is asked anew.

import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { toProblem } from '../../api/problem.ts'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'

export interface Account {
  /** Of the login provider. */
  readonly id: string
  readonly label: string
}

export function useDisconnect() {
  const { t } = useTranslation('settings')
  const { place, held } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  return useMutation({
    mutationFn: async ({ id }: Account) => {
      const address = `${place.basePath}/auth/disconnect/${encodeURIComponent(id)}`
      // It answers with the way to a page, which nobody needs here.
      const headers = { accept: 'application/json' }
      const answer = await held.send(new Request(address, { method: 'POST', redirect: 'manual', headers }))
      if (answer.type !== 'opaqueredirect') throw toProblem(await answer.json().catch(() => undefined), answer.status)
    },
    onSuccess: async (_nothing, { label }) => {
      await queries.invalidateQueries()
      toast(t('accounts.disconnected', { name: label }))
    },
  })
}
