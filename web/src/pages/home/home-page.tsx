// Who I am here, what I can open, and how long for.

import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { When } from '../../parts/when.tsx'
import { useShell } from '../../portal-context.ts'
import { AppCard } from '../apps/app-card.tsx'
import { useApps } from '../apps/use-apps.ts'
import { EndingTokens } from './ending-tokens.tsx'

const SHOWN = 6

export function HomePage() {
  const { t } = useTranslation('home')
  const { person } = useShell()
  return (
    <Page title={t('title', { name: person.displayName })} lead={t('lead')}>
      <EndingTokens />
      <div className="columns">
        <Services />
        <aside className="aside" aria-label={t('you')}>
          <You />
          <ThisSession />
        </aside>
      </div>
    </Page>
  )
}

function Services() {
  const { t } = useTranslation('home')
  const apps = useApps()
  const open = apps.filter(({ mayOpen }) => mayOpen)
  return (
    <Section title={t('services')} actions={<Link to="/apps">{t('services.all', { count: apps.length })}</Link>}>
      {open.length === 0 ? (
        <Empty title={t('services.none')}>
          <p>{t('services.noneHint')}</p>
        </Empty>
      ) : (
        <ul className="grid">
          {open.slice(0, SHOWN).map((app) => (
            <li key={app.id}>
              <AppCard app={app} />
            </li>
          ))}
        </ul>
      )}
    </Section>
  )
}

function You() {
  const { t } = useTranslation('home')
  const { person } = useShell()
  return (
    <section className="card" aria-labelledby="you">
      <h2 id="you">{t('you')}</h2>
      <dl>
        <div>
          <dt>{t('you.name')}</dt>
          <dd>{person.displayName}</dd>
        </div>
        <div>
          <dt>{t('you.login')}</dt>
          <dd>
            {person.provider}, <code>{person.username}</code>
          </dd>
        </div>
        <div>
          <dt>{t('you.groups')}</dt>
          <dd>
            {person.groups.length === 0 ? (
              t('you.noGroups')
            ) : (
              <ul className="chips">
                {person.groups.slice(0, 8).map((group) => (
                  <li key={group} className="badge">
                    {group}
                  </li>
                ))}
              </ul>
            )}
          </dd>
        </div>
      </dl>
      <p className="more">
        <Link to="/settings/profile">{t('you.more')}</Link>
      </p>
    </section>
  )
}

function ThisSession() {
  const { t } = useTranslation('home')
  const { session } = useShell()
  return (
    <section className="card" aria-labelledby="session">
      <h2 id="session">{t('session')}</h2>
      <dl>
        <div>
          <dt>{t('session.idle')}</dt>
          <dd>
            <When at={session.idleEndsAt} />
          </dd>
        </div>
        <div>
          <dt>{t('session.ends')}</dt>
          <dd>
            <When at={session.endsAt} />
          </dd>
        </div>
      </dl>
      <p className="more">
        <Link to="/settings/sessions">{t('session.all')}</Link>
      </p>
    </section>
  )
}
