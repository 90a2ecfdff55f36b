// Warns five minutes and one minute before the session ends, extends it by one key (WCAG 2.2.1), and says when it is over,
// when something needs a login of just now, and when somebody else has logged in: without taking the page away.

import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useTranslation } from 'react-i18next'
import { sayDuration } from '../parts/when.tsx'
import { usePortal, useShell } from '../portal-context.ts'
import { LOGGED_IN_PATH, useNewLogin } from './new-login.ts'
import { type SessionClock, WARNED_MS } from './session-clock.ts'

const WARNINGS_MS = [60_000, WARNED_MS] as const

export function SessionGuard({ clock }: { readonly clock: SessionClock }) {
  const { held } = usePortal()
  const { remainingMs, isOver } = clock
  const { other, look } = useNewLogin()
  const need = useSyncExternalStore(held.subscribe, held.need)
  /** The warning that was put away; the next one comes all the same. */
  const [putAway, setPutAway] = useState<number>()
  const [isEndPutAway, setEndPutAway] = useState(false)
  const stage = WARNINGS_MS.find((each) => remainingMs <= each)
  const isWarning = !isOver && stage !== undefined && (putAway === undefined || stage < putAway)

  useEffect(() => {
    // Another window may have extended it meanwhile.
    if (stage !== undefined) void look()
    else setPutAway(undefined)
  }, [stage, look])
  useEffect(() => {
    // What is sent nevertheless asks once more.
    if (need !== undefined) setEndPutAway(false)
    if (need === 'look') void look()
  }, [need, look])
  // biome-ignore lint/correctness/useExhaustiveDependencies: another end is that of another session
  useEffect(() => setEndPutAway(false), [clock.endsAt])

  const giveUp = (): void => {
    setEndPutAway(true)
    held.giveUp()
  }

  if (other !== undefined) return <OtherPerson name={other} />
  if (need === 'login' || (isOver && !isEndPutAway)) return <Over onGiveUp={giveUp} />
  if (need === 'recent-login') return <NotRecent onGiveUp={giveUp} />
  return isWarning ? <Ending clock={clock} onPutAway={() => setPutAway(stage)} /> : null
}

function Ending({ clock, onPutAway }: { readonly clock: SessionClock; readonly onPutAway: () => void }) {
  const { t, i18n } = useTranslation('shell')
  const { isExtendable } = clock
  return (
    <AlertDialog key="ending" title={t('session.ending')} onCancel={onPutAway}>
      <p>{isExtendable ? t('session.endingWhy') : t('session.endingForGood')}</p>
      <p className="countdown" aria-hidden="true">
        {sayDuration(clock.remainingMs, i18n.language)}
      </p>
      <div className="row">
        {isExtendable && (
          <Button variant="filled" data-autofocus loading={clock.isExtending} onClick={() => void clock.extend()}>
            {t('session.stay')}
          </Button>
        )}
        <Button data-autofocus={isExtendable ? undefined : true} onClick={onPutAway}>
          {t('session.putAway')}
        </Button>
      </div>
    </AlertDialog>
  )
}

interface RefusedProps {
  /** What was not sent is refused, and the page can be read again. */
  readonly onGiveUp: () => void
}

/** The page stays as it is, with whatever was typed: the login is in a tab of its own. */
function Over({ onGiveUp }: RefusedProps) {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const here = `${location.pathname.slice(place.basePath.length)}${location.search}`
  return (
    <AlertDialog key="over" title={t('session.over')} onCancel={onGiveUp}>
      <p>{t('session.overHeld')}</p>
      <div className="row">
        <LoginLink query={{}} />
        <a className="button-link" href={`${place.basePath}/auth/login?${new URLSearchParams({ returnTo: here })}`}>
          {t('session.logInHere')}
        </a>
        <Button variant="subtle" onClick={onGiveUp}>
          {t('session.putAway')}
        </Button>
      </div>
    </AlertDialog>
  )
}

function NotRecent({ onGiveUp }: RefusedProps) {
  const { t } = useTranslation('shell')
  return (
    <AlertDialog key="not-recent" title={t('session.notRecent')} onCancel={onGiveUp}>
      <p>{t('session.notRecentWhy')}</p>
      <div className="row">
        <LoginLink query={AGAIN} />
        <Button variant="subtle" onClick={onGiveUp}>
          {t('session.putAway')}
        </Button>
      </div>
    </AlertDialog>
  )
}

/** Nothing of this page may be sent in another person's name, and what it shows is not theirs. */
function OtherPerson({ name }: { readonly name: string }) {
  const { t } = useTranslation('shell')
  const { person } = useShell()
  return (
    <AlertDialog key="other" title={t('session.other', { name })} onCancel={() => {}}>
      <p>{t('session.otherWhy', { name: person.displayName })}</p>
      <div className="row">
        <Button variant="filled" data-autofocus onClick={() => location.reload()}>
          {t('problem.reloadNow')}
        </Button>
        <LoginLink query={AGAIN} isSecond />
      </div>
    </AlertDialog>
  )
}

/** Also who is logged in may log in. */
const AGAIN = { again: '1' } as const

interface LoginLinkProps {
  readonly query: Readonly<Record<string, string>>
  readonly isSecond?: boolean
}

function LoginLink({ query, isSecond = false }: LoginLinkProps) {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const search = new URLSearchParams({ ...query, returnTo: LOGGED_IN_PATH })
  return (
    <a
      className={`button-link ${isSecond ? '' : 'primary'}`}
      data-autofocus={isSecond ? undefined : true}
      href={`${place.basePath}/auth/login?${search}`}
      target="_blank"
      rel="noopener"
    >
      {t('session.logInElsewhere')}
    </a>
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
  // While it is still in the page: only then closing it gives the focus back.
  useLayoutEffect(() => {
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
