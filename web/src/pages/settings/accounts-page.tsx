// Accounts elsewhere whose keys and tokens the session may use.

import { Button } from '@mantine/core'
import { useSuspenseQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { ConnectForm } from './connect-form.tsx'
import { useDisconnect } from './disconnect.ts'

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
  const { api } = usePortal()
  const { data } = useSuspenseQuery({ queryKey: key, queryFn: () => answerOf(api.GET('/api/v1/accounts')) })
  const disconnecting = useDisconnect()
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
