// The policy tester: may this person send this request, by which rule, and what would help? The address holds the question,
// so an answer can be linked to.

import { Button, NativeSelect, TextInput } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Page } from '../../parts/page.tsx'
import { usePortal } from '../../portal-context.ts'
import { type Asked, useAddress } from '../address.ts'
import { PERSON_FIELD, PersonChoice } from './person-choice.tsx'
import { explainKey, PolicyAnswer } from './policy-answer.tsx'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const

/** Instead of a person, in the API and in the address. */
const ANONYMOUS = 'anonymous'

const PATH_FIELD = 'policy-path'

export function PolicyPage() {
  const { t } = useTranslation('admin')
  const [asked, change] = useAddress()
  const queries = useQueryClient()
  return (
    <Page title={t('policy.title')} lead={t('policy.lead')}>
      <div className="stack">
        <Question
          asked={asked}
          onAsk={(question) => {
            change(question)
            void queries.invalidateQueries({ queryKey: explainKey })
          }}
        />
        <PolicyAnswer question={asked} />
      </div>
    </Page>
  )
}

function Question({ asked, onAsk }: { readonly asked: Asked; readonly onAsk: (question: Asked) => void }) {
  const { t } = useTranslation('admin')
  const [user, setUser] = useState(asked.user)
  const [method, setMethod] = useState(asked.method ?? METHODS[0])
  const [path, setPath] = useState(asked.path ?? '')
  const [group, setGroup] = useState(asked.group ?? '')
  const [isTried, setTried] = useState(false)
  const isPath = /^(?:\/|https?:\/\/)/i.test(path.trim())
  const personFault = isTried && user === undefined ? t('policy.personMissing') : undefined
  const pathFault = isTried && !isPath ? t('policy.pathMissing') : undefined
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (user === undefined) document.getElementById(PERSON_FIELD)?.focus()
    else if (!isPath) document.getElementById(PATH_FIELD)?.focus()
    else onAsk({ user, method, path: path.trim(), group: group.trim() })
  }
  return (
    <form className="card question" onSubmit={submit} noValidate>
      <fieldset className="wide">
        <legend>{t('policy.who')}</legend>
        {user === ANONYMOUS ? (
          <div className="chosen">
            <p>{t('policy.anonymous')}</p>
            <Button size="sm" onClick={() => setUser(undefined)}>
              {t('person.other')}
            </Button>
          </div>
        ) : (
          <PersonChoice chosen={user} onChoose={setUser} fault={personFault}>
            <Button size="sm" onClick={() => setUser(ANONYMOUS)}>
              {t('policy.anonymous')}
            </Button>
          </PersonChoice>
        )}
      </fieldset>
      <NativeSelect
        label={t('policy.method')}
        value={method}
        onChange={({ currentTarget }) => setMethod(currentTarget.value)}
        data={[...METHODS]}
      />
      <ServiceSelect path={path} onChoose={setPath} />
      <TextInput
        id={PATH_FIELD}
        className="wide"
        label={t('policy.path')}
        description={t('policy.pathHint')}
        value={path}
        error={pathFault}
        maxLength={4096}
        autoComplete="off"
        spellCheck={false}
        required
        onChange={({ currentTarget }) => setPath(currentTarget.value)}
      />
      <TextInput
        className="wide"
        label={t('policy.group')}
        description={t('policy.groupHint')}
        value={group}
        maxLength={255}
        autoComplete="off"
        spellCheck={false}
        onChange={({ currentTarget }) => setGroup(currentTarget.value)}
      />
      <p className="wide">
        <Button type="submit" variant="filled">
          {t('policy.ask')}
        </Button>
      </p>
    </form>
  )
}

/** The services by name, for whoever does not know their paths. */
function ServiceSelect({ path, onChoose }: { readonly path: string; readonly onChoose: (href: string) => void }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { data } = useQuery({
    queryKey: ['upstreams'],
    queryFn: () => answerOf(api.GET('/api/v1/admin/upstreams')),
  })
  const services = (data?.upstreams ?? []).flatMap(({ id, href }) => (href === undefined ? [] : [{ id, href }]))
  return (
    <NativeSelect
      label={t('policy.service')}
      value={services.find(({ href }) => href === path)?.href ?? ''}
      onChange={({ currentTarget }) => onChoose(currentTarget.value)}
      data={[
        { value: '', label: t('policy.anyService') },
        ...services.map(({ id, href }) => ({ value: href, label: id })),
      ]}
    />
  )
}
