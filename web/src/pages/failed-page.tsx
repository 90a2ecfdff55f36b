// In place of a page that could not be loaded or drawn.

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Page } from '../parts/page.tsx'
import { ProblemNotice } from '../parts/problem-notice.tsx'

export function FailedPage({ error }: { readonly error: unknown }) {
  const { t } = useTranslation('shell')
  return (
    <Page title={t('problem.unexpected')}>
      <div className="stack">
        <ProblemNotice error={error} />
        <p>
          <Button variant="filled" onClick={() => location.reload()}>
            {t('problem.reloadNow')}
          </Button>
        </p>
      </div>
    </Page>
  )
}
