// The way to every page that this person may use.

import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { navigationFor } from '../pages/table.ts'
import { Icon } from '../parts/icons.tsx'
import { useShell } from '../portal-context.ts'

export function Navigation({ isOpen, onLeave }: { readonly isOpen: boolean; readonly onLeave: () => void }) {
  const { t } = useTranslation('shell')
  const { pages, version } = useShell()
  return (
    <nav id="navigation" aria-label={t('navigation')} className={`side ${isOpen ? 'open' : ''}`}>
      {navigationFor(pages).map(({ group, entries }) => (
        <div key={group} className="side-group">
          {group !== 'main' && (
            <p className="side-title" id={`nav-${group}`}>
              {t(`group.${group}`)}
            </p>
          )}
          <ul aria-labelledby={group === 'main' ? undefined : `nav-${group}`}>
            {entries.map(({ name, path, icon }) => (
              <li key={name}>
                <Link
                  to={path}
                  activeOptions={{ exact: true, includeSearch: false }}
                  className="side-link"
                  onClick={onLeave}
                >
                  <Icon name={icon} />
                  {t(`page.${name}`)}
                </Link>
              </li>
            ))}
          </ul>
        </div>
      ))}
      <p className="version">Gatehouse {version}</p>
    </nav>
  )
}
