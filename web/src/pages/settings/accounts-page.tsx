// Accounts elsewhere whose keys and tokens the session may use.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { toProblem } from '../../api/problem.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { useToast } from '../../shell/toast.tsx'
import { ConnectForm } from './connect-form.tsx'

export function AccountsPage() {
  const { t } = useTranslation('settings')
  return (
    <Page title={t('accounts.title')} lead={t('accounts.lead')}>
      <Accounts />
    </Page>
  )
}

const key = ['accounts'] as const

function Accounts() {
  const { t } = useTranslation('settings')
  const { api, place } = usePortal()
  const queries = useQueryClient()
  const toast = useToast()
  const { data } = useSuspenseQuery({ queryKey: key, queryFn: () => answerOf(api.GET('/api/v1/accounts')) })
  const disconnecting = useMutation({
    mutationFn: async ({ id }: { readonly id: string; readonly label: string }) => {
      const address = `${place.basePath}/auth/disconnect/${encodeURIComponent(id)}`
      // It answers with the way to a page, which nobody needs here.
      const answer = await fetch(address, { method: 'POST', redirect: 'manual' })
      if (answer.type !== 'opaqueredirect') throw toProblem(await answer.json().catch(() => undefined), answer.status)
    },
    onSuccess: async (_nothing, { label }) => {
      await queries.invalidateQueries()
      toast(t('accounts.disconnected', { name: label }))
    },
  })
  return (
    <>
      {disconnecting.error !== null && <ProblemNotice error={disconnecting.error} />}
      <ul className="card flush list">
        {data.accounts.map((account) => (
          <li key={account.id}>
            <div>
              <h2>{account.label}</h2>
              <p className="muted">
                {account.isLogin ? t('accounts.login') : t(account.isConnected ? 'accounts.on' : 'accounts.off')}
              </p>
            </div>
            {!account.isLogin &&
              (account.isConnected ? (
                <Button loading={disconnecting.isPending} onClick={() => disconnecting.mutate(account)}>
                  {t('accounts.disconnect', { name: account.label })}
                </Button>
              ) : (
                <ConnectForm account={account} />
              ))}
          </li>
        ))}
      </ul>
    </>
  )
}
