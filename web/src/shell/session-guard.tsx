// Warns five minutes and one minute before the session ends, extends it by one key (WCAG 2.2.1), and says when it is over
// without taking the page away.

import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { sayDuration } from '../parts/when.tsx'
import { usePortal } from '../portal-context.ts'
import { type SessionClock, WARNED_MS } from './session-clock.ts'

const WARNINGS_MS = [60_000, WARNED_MS] as const

export function SessionGuard({ clock }: { readonly clock: SessionClock }) {
  const { t, i18n } = useTranslation('shell')
  const { place } = usePortal()
  const { remainingMs, isOver, isExtendable, look } = clock
  /** The warning that was put away; the next one comes all the same. */
  const [putAway, setPutAway] = useState<number>()
  const stage = WARNINGS_MS.find((each) => remainingMs <= each)
  const isWarning = !isOver && stage !== undefined && (putAway === undefined || stage < putAway)

  useEffect(() => {
    // Another window may have extended it meanwhile.
    if (stage !== undefined) void look()
    else setPutAway(undefined)
  }, [stage, look])
  useEffect(() => {
    if (!isOver) return undefined
    const again = (): void => void look()
    window.addEventListener('focus', again)
    return () => window.removeEventListener('focus', again)
  }, [isOver, look])

  if (isOver) {
    const here = `${location.pathname.slice(place.basePath.length)}${location.search}`
    return (
      <AlertDialog key="over" title={t('session.over')} onCancel={() => {}}>
        <p>{t('session.overWhy')}</p>
        <div className="row">
          <a
            className="button-link primary"
            data-autofocus
            href={`${place.basePath}/auth/login?returnTo=${encodeURIComponent(here)}`}
          >
            {t('session.logInAgain')}
          </a>
          <a className="button-link" href={`${place.basePath}/auth/login`} target="_blank" rel="noopener">
            {t('session.logInElsewhere')}
          </a>
        </div>
      </AlertDialog>
    )
  }
  if (!isWarning) return null
  const left = sayDuration(remainingMs, i18n.language)
  return (
    <AlertDialog key="ending" title={t('session.ending')} onCancel={() => setPutAway(stage)}>
      <p>{isExtendable ? t('session.endingWhy') : t('session.endingForGood')}</p>
      <p className="countdown" aria-hidden="true">
        {left}
      </p>
      <div className="row">
        {isExtendable && (
          <Button variant="filled" data-autofocus loading={clock.isExtending} onClick={() => void clock.extend()}>
            {t('session.stay')}
          </Button>
        )}
        <Button data-autofocus={isExtendable ? undefined : true} onClick={() => setPutAway(stage)}>
          {t('session.putAway')}
        </Button>
      </div>
    </AlertDialog>
  )
}

interface AlertDialogProps {
  readonly title: string
  readonly onCancel: () => void
  readonly children: ReactNode
}

/** The browser's own dialog: it keeps the focus, and gives it back. */
function AlertDialog({ title, onCancel, children }: AlertDialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  const id = useId()
  useEffect(() => {
    const element = dialog.current
    element?.showModal()
    element?.querySelector<HTMLElement>('[data-autofocus]')?.focus()
    return () => element?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      role="alertdialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-text`}
      className="dialog"
      onCancel={(event) => {
        event.preventDefault()
        onCancel()
      }}
    >
      <h2 id={`${id}-title`}>{title}</h2>
      <div id={`${id}-text`} className="stack">
        {children}
      </div>
    </dialog>
  )
}
