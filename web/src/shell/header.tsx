// The header of every page: whose portal this is, how long the session has, help in one place, the look, and oneself.

import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icons.tsx'
import { sayDuration } from '../parts/when.tsx'
import { usePortal } from '../portal-context.ts'
import { LookMenu } from './look-menu.tsx'
import { PersonMenu } from './person-menu.tsx'
import type { SessionClock } from './session-clock.ts'

interface HeaderProps {
  readonly clock: SessionClock
  readonly isOpen: boolean
  readonly onToggle: () => void
}

export function Header({ clock, isOpen, onToggle }: HeaderProps) {
  const { t, i18n } = useTranslation('shell')
  const { place } = usePortal()
  return (
    <header className="bar">
      <button
        type="button"
        className="plain nav-toggle"
        aria-expanded={isOpen}
        aria-controls="navigation"
        onClick={onToggle}
      >
        <Icon name={isOpen ? 'close' : 'menu'} />
        <span className="visually-hidden">{t('navigation')}</span>
      </button>
      <Link to="/" className="brand">
        {place.logo !== undefined && <img src={place.logo} alt="" height={28} />}
        <span>{place.brand}</span>
      </Link>
      <div className="bar-end">
        <Link to="/settings/sessions" className="plain clock" title={t('session.clockHint')}>
          <Icon name="clock" size={18} />
          <span className="visually-hidden">{t('session.left')}</span>
          <span>{sayDuration(clock.remainingMs, i18n.language)}</span>
        </Link>
        <Link to="/help" className="plain">
          <Icon name="help" />
          <span className="word">{t('help')}</span>
        </Link>
        <LookMenu />
        <PersonMenu />
      </div>
    </header>
  )
}
