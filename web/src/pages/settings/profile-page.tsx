// Who I am here: what the login provider says of me. Nothing of it is changed here.

import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { useShell } from '../../portal-context.ts'

export function ProfilePage() {
  const { t } = useTranslation('settings')
  const { person, contact } = useShell()
  return (
    <Page title={t('profile.title')} lead={t('profile.lead', { provider: person.provider })}>
      <Section title={t('profile.person')}>
        <dl className="card facts">
          <dt>{t('profile.name')}</dt>
          <dd>{person.displayName}</dd>
          <dt>{t('profile.username')}</dt>
          <dd>
            <code>{person.username}</code>
          </dd>
          <dt>{t('profile.email')}</dt>
          <dd>{person.email ?? t('profile.noEmail')}</dd>
          <dt>{t('profile.provider')}</dt>
          <dd>{person.provider}</dd>
          <dt>{t('profile.role')}</dt>
          <dd>{t(person.isAdmin ? 'profile.admin' : 'profile.member')}</dd>
        </dl>
      </Section>
      <Section title={t('profile.groups')} lead={t('profile.groupsLead')}>
        <div className="card">
          {person.groups.length === 0 ? (
            <p>{t('profile.noGroups')}</p>
          ) : (
            <ul className="chips">
              {person.groups.map((group) => (
                <li key={group} className="badge">
                  {group}
                </li>
              ))}
            </ul>
          )}
        </div>
      </Section>
      {contact !== undefined && (
        <Section title={t('profile.contact')}>
          <p className="card">{contact}</p>
        </Section>
      )}
    </Page>
  )
}
