// The frame of every page: skip link, header, navigation, notices, the page itself, and the guard of the session.

import { Outlet } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { usePortal, useShell } from '../portal-context.ts'
import { Header } from './header.tsx'
import { Navigation } from './navigation.tsx'
import { Notices } from './notices.tsx'
import { useSessionClock } from './session-clock.ts'
import { SessionGuard } from './session-guard.tsx'

export function Shell() {
  return useShell().person.isPending ? <Waiting /> : <Frame />
}

/** Somebody whom nobody has approved yet has one page, which is the server's. */
function Waiting() {
  const { place } = usePortal()
  useEffect(() => location.replace(`${place.basePath}/auth/pending`), [place])
  return null
}

function Frame() {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const clock = useSessionClock()
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="shell">
      <a className="skip" href="#main">
        {t('skip')}
      </a>
      <Header clock={clock} isOpen={isOpen} onToggle={() => setOpen(!isOpen)} />
      <Navigation isOpen={isOpen} onLeave={() => setOpen(false)} />
      <main id="main" tabIndex={-1}>
        <Notices />
        <Outlet />
        {place.footer !== undefined && <footer className="foot muted">{place.footer}</footer>}
      </main>
      <SessionGuard clock={clock} />
    </div>
  )
}
