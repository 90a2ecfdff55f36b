// Begins to connect an account. A form and not a call: it leads to the account's own login, and comes back here.

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { usePortal } from '../../portal-context.ts'

interface ConnectFormProps {
  readonly account: { readonly id: string; readonly label: string }
}

export function ConnectForm({ account }: ConnectFormProps) {
  const { t } = useTranslation('settings')
  const { place } = usePortal()
  const here = location.pathname.slice(place.basePath.length)
  return (
    <form method="post" action={`${place.basePath}/auth/connect/${encodeURIComponent(account.id)}`}>
      <input type="hidden" name="returnTo" value={here} />
      <Button type="submit">{t('accounts.connect', { name: account.label })}</Button>
    </form>
  )
}
