// A service: open it, or learn why not and what would help.

import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/icons.tsx'
import { initialOf } from '../../parts/initial.ts'
import { ConnectForm } from '../settings/connect-form.tsx'
import type { App } from './use-apps.ts'

export function AppCard({ app }: { readonly app: App }) {
  const { t } = useTranslation('apps')
  const isUsable = app.mayOpen && app.missingAccounts.length === 0
  return (
    <article className={`card app ${isUsable ? '' : 'closed'}`}>
      <span className="tile" aria-hidden="true">
        {app.mayOpen ? initialOf(app.title) : <Icon name="lock" />}
      </span>
      <h3>
        {app.mayOpen ? (
          // A whole page of somebody else's, so no link of the router.
          <a className="app-link" href={app.href}>
            {app.title}
          </a>
        ) : (
          app.title
        )}
      </h3>
      <p>{app.description ?? ''}</p>
      <p className="path">
        <code>{app.href}</code>
      </p>
      {!app.mayOpen && (
        <p className="why">
          <span className="strong">{t('closed')}</span> <span lang="en">{app.because}</span>
        </p>
      )}
      {app.mayOpen && app.missingAccounts.length > 0 && (
        <div className="why">
          <p>
            <span className="strong">{t('needs')}</span> {t('needs.why')}
          </p>
          {app.missingAccounts.map((account) => (
            <ConnectForm key={account.id} account={account} />
          ))}
        </div>
      )}
    </article>
  )
}
