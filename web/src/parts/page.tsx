// The frame of a page's own content: its heading, what it is for, and what to show while it is not there yet.

import { Component, type ReactNode, Suspense, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { usePortal } from '../portal-context.ts'
import { ProblemNotice } from './problem-notice.tsx'

interface PageProps {
  readonly title: string
  readonly lead?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, lead, actions, children }: PageProps) {
  const { place } = usePortal()
  const { t } = useTranslation('shell')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · ${place.brand}`
  }, [title, place.brand])
  useEffect(() => {
    // After a way inside the portal the new page is read from its heading; a page that was just loaded begins at its top.
    if (cameFromInside) heading.current?.focus()
    cameFromInside = true
  }, [])
  return (
    <>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead !== undefined && <p className="lead">{lead}</p>}
        </div>
        {actions}
      </header>
      <Failing>
        <Suspense fallback={<p className="muted loading">{t('loading')}</p>}>{children}</Suspense>
      </Failing>
    </>
  )
}

let cameFromInside = false

/** Shows what kept a page from being drawn, in place of its content. */
class Failing extends Component<{ readonly children: ReactNode }, { readonly error?: unknown }> {
  override state: { readonly error?: unknown } = {}

  static getDerivedStateFromError(error: unknown) {
    return { error }
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <ProblemNotice error={this.state.error} />
  }
}
