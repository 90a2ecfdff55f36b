// Whom to ask, and where to read. Every page links here, in the same place.

import { useTranslation } from 'react-i18next'
import { Page } from '../../parts/page.tsx'
import { Section } from '../../parts/section.tsx'
import { usePortal, useShell } from '../../portal-context.ts'

export function HelpPage() {
  const { t } = useTranslation('help')
  const { place } = usePortal()
  const { support, contact, version } = useShell()
  return (
    <Page title={t('title')} lead={t('lead')}>
      <Section title={t('ask')}>
        <div className="card prose">
          {support === undefined && contact === undefined && <p>{t('ask.nobody')}</p>}
          {support !== undefined && <p>{support.text}</p>}
          {support?.url !== undefined && (
            <p>
              <a href={support.url}>{t('ask.link')}</a>
            </p>
          )}
          {contact !== undefined && (
            <p>
              {t('ask.access')} {contact}
            </p>
          )}
          <p className="muted">{t('ask.id')}</p>
        </div>
      </Section>
      <Section title={t('questions')}>
        <div className="card prose">
          {(['closed', 'connect', 'end', 'token', 'device'] as const).map((question) => (
            <details key={question}>
              <summary>{t(`${question}.question`)}</summary>
              <p>{t(`${question}.answer`)}</p>
            </details>
          ))}
        </div>
      </Section>
      <Section title={t('read')}>
        <div className="card prose">
          <p>
            <a href={`${place.basePath}/docs`}>{t('read.api')}</a>
          </p>
          <p>
            <a href={`${place.basePath}/docs/errors`}>{t('read.errors')}</a>
          </p>
          <p className="muted">{t('read.version', { version })}</p>
        </div>
      </Section>
    </Page>
  )
}
