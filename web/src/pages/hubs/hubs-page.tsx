// The GitLab servers that people work at through here: at which of them they have an account, and how their API is called.

import { useSuspenseQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { useDisconnect } from '../settings/disconnect.ts'
import { HubCard } from './hub-card.tsx'

export function HubsPage() {
  const { t } = useTranslation('hubs')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Hubs />
    </Page>
  )
}

function Hubs() {
  const { api } = usePortal()
  const { data } = useSuspenseQuery({ queryKey: ['hubs'], queryFn: () => answerOf(api.GET('/api/v1/hubs')) })
  const disconnecting = useDisconnect()
  return (
    <div className="stack">
      {disconnecting.error !== null && <ProblemNotice error={disconnecting.error} />}
      {data.hubs.map((hub) => (
        <HubCard key={hub.id} hub={hub} disconnecting={disconnecting} />
      ))}
    </div>
  )
}
