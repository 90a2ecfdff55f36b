import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Page } from '../parts/page.tsx'

export function NotFoundPage() {
  const { t } = useTranslation('shell')
  return (
    <Page title={t('notFound')} lead={t('notFound.why')}>
      <p>
        <Link to="/" className="button-link primary">
          {t('notFound.home')}
        </Link>
      </p>
    </Page>
  )
}
