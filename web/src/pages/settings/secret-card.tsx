// A secret that was just made: shown this once, to copy. It has the focus, so that nobody goes on without it.

import { Button } from '@mantine/core'
import { type ReactNode, useEffect, useRef } from 'react'
import { Icon } from '../../parts/icons.tsx'

interface SecretCardProps {
  readonly title: string
  readonly lead: string
  /** What the button says that puts it away. */
  readonly done: string
  readonly onDone: () => void
  /** What is to be copied. */
  readonly children: ReactNode
}

export function SecretCard({ title, lead, done, onDone, children }: SecretCardProps) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  return (
    <section className="card secret" aria-labelledby="secret">
      <div className="notice ok">
        <Icon name="done" />
        <div>
          <h2 id="secret" ref={heading} tabIndex={-1}>
            {title}
          </h2>
          <p>{lead}</p>
        </div>
      </div>
      {children}
      <p>
        <Button onClick={onDone}>{done}</Button>
      </p>
    </section>
  )
}
