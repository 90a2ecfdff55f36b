// Whom a page is about: found by name as on the page of people, chosen with a button, and changed again.

import { Button, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useDeferredValue, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import { peopleKey, type User } from './people.tsx'
import { PersonName } from './person-name.tsx'

/** As many as one looks through; a longer name finds the others. */
const FOUND = 6

interface PersonChoiceProps {
  /** The id of a user. */
  readonly chosen: string | undefined
  readonly onChoose: (id: string | undefined) => void
  /** What the button says that takes the choice back. */
  readonly undo?: string
  /** What is wrong with there being no choice. */
  readonly fault?: string | undefined
  /** Other choices than people, beside the search. */
  readonly children?: ReactNode
}

/** Where somebody is looked for. */
export const PERSON_FIELD = 'person-choice'

export function PersonChoice({ chosen, onChoose, undo, fault, children }: PersonChoiceProps) {
  const { t } = useTranslation('admin')
  const [search, setSearch] = useState('')
  const change = useRef<HTMLButtonElement>(null)
  const wasSearching = useRef(false)
  useEffect(() => {
    // The button that chose is gone.
    if (chosen !== undefined && wasSearching.current) change.current?.focus()
    wasSearching.current = chosen === undefined
  }, [chosen])
  if (chosen !== undefined) {
    return (
      <div className="chosen">
        <p>
          <PersonName id={chosen} />
        </p>
        <Button ref={change} size="sm" onClick={() => onChoose(undefined)}>
          {undo ?? t('person.other')}
        </Button>
      </div>
    )
  }
  return (
    <div className="person-choice">
      <TextInput
        id={PERSON_FIELD}
        type="search"
        label={t('person')}
        description={t('people.search')}
        value={search}
        error={fault}
        maxLength={100}
        autoComplete="off"
        onChange={(event) => setSearch(event.currentTarget.value)}
        onKeyDown={(event) => {
          // To look for somebody is not to send the form around it.
          if (event.key === 'Enter') event.preventDefault()
        }}
      />
      <Found search={search} onChoose={({ id }) => onChoose(id)} />
      {children}
    </div>
  )
}

function Found({ search, onChoose }: { readonly search: string; readonly onChoose: (user: User) => void }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const wanted = useDeferredValue(search.trim())
  const { data, error } = useQuery({
    queryKey: [...peopleKey, 'choice', wanted],
    queryFn: () => answerOf(api.GET('/api/v1/admin/users', { params: { query: { search: wanted, limit: FOUND } } })),
    enabled: wanted !== '',
    placeholderData: (before) => before,
  })
  if (error !== null) return <ProblemNotice error={error} />
  if (wanted === '' || data === undefined) return null
  if (data.users.length === 0) return <p className="muted">{t('people.none')}</p>
  return (
    <ul className="found" aria-label={t('groups.found')}>
      {data.users.map((user) => (
        <li key={user.id}>
          <button
            type="button"
            aria-label={`${t('person.choose')}: ${user.displayName} ${user.username} · ${user.provider}`}
            onClick={() => onChoose(user)}
          >
            <span>{user.displayName}</span>{' '}
            <span className="muted">
              {user.username} · {user.provider}
            </span>
          </button>
        </li>
      ))}
    </ul>
  )
}
