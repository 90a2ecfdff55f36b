// Everything that is behind the door, also what one may not open.

import { useTranslation } from 'react-i18next'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { useShell } from '../../portal-context.ts'
import { AppCard } from './app-card.tsx'
import { type App, useApps } from './use-apps.ts'

export function AppsPage() {
  const { t } = useTranslation('apps')
  return (
    <Page title={t('title')} lead={t('lead')}>
      <AllApps />
    </Page>
  )
}

function AllApps() {
  const { t } = useTranslation('apps')
  const { person } = useShell()
  const apps = useApps()
  if (apps.length === 0) {
    return <Empty title={t('none')}>{person.isAdmin ? <p>{t('none.admin')}</p> : <p>{t('none.hint')}</p>}</Empty>
  }
  const open = apps.filter(({ mayOpen }) => mayOpen)
  const closed = apps.filter(({ mayOpen }) => !mayOpen)
  return (
    <>
      {open.length > 0 && <AppList title={t('open')} apps={open} />}
      {closed.length > 0 && <AppList title={t('notOpen')} apps={closed} />}
    </>
  )
}

const AppList = ({ title, apps }: { readonly title: string; readonly apps: readonly App[] }) => (
  <Section title={title}>
    <ul className="grid">
      {apps.map((app) => (
        <li key={app.id}>
          <AppCard app={app} />
        </li>
      ))}
    </ul>
  </Section>
)
