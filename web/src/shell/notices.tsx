// What the operator wants everybody to read. Information can be put away for as long as this page is open and, by its id,
// in this browser; a warning stays.

import { ActionIcon } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icons.tsx'
import { useShell } from '../portal-context.ts'

const STORED = 'gatehouse-notices'

export function Notices() {
  const { t } = useTranslation('shell')
  const { notices } = useShell()
  const [read, setRead] = useState<readonly string[]>(readStored)
  const shown = notices.filter(({ id, level }) => level === 'warning' || !read.includes(id))
  if (shown.length === 0) return null
  const putAway = (id: string): void => {
    // Only what is still announced is worth remembering.
    const next = [...read.filter((each) => notices.some((notice) => notice.id === each)), id]
    setRead(next)
    localStorage.setItem(STORED, JSON.stringify(next))
  }
  return (
    <section aria-label={t('notices')} className="notices">
      {shown.map(({ id, level, text }) => (
        <div key={id} className={`notice ${level}`}>
          <Icon name={level} />
          <p>
            <span className="visually-hidden">{t(level === 'warning' ? 'notice.warning' : 'notice.info')} </span>
            {text}
          </p>
          {level === 'info' && (
            <ActionIcon variant="subtle" size="lg" aria-label={t('notice.putAway')} onClick={() => putAway(id)}>
              <Icon name="close" size={18} />
            </ActionIcon>
          )}
        </div>
      ))}
    </section>
  )
}

function readStored(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORED) ?? '[]')
    return Array.isArray(stored) ? stored.filter((each) => typeof each === 'string') : []
  } catch {
    return []
  }
}
