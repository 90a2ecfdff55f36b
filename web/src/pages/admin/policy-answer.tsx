// What would be decided, drawn: the verdict in a word and a sign, the rule and where it stands, what is missing, what helps.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Icon, type IconName } from '../../parts/icons.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { usePortal } from '../../portal-context.ts'
import type { Asked } from '../address.ts'

type Answer = paths['/api/v1/admin/explain']['post']['responses'][200]['content']['application/json']

/** What was asked, to be asked anew. */
export const explainKey = ['explain'] as const

const VERDICTS: Readonly<Record<Answer['decision'], { readonly look: string; readonly icon: IconName }>> = {
  allowed: { look: 'ok', icon: 'done' },
  refused: { look: 'danger', icon: 'lock' },
  'nothing-there': { look: 'warning', icon: 'warning' },
}

export function PolicyAnswer({ question }: { readonly question: Asked }) {
  const { t } = useTranslation('admin')
  const { api } = usePortal()
  const { user = '', method = 'GET', path = '', group } = question
  const groups = group === undefined ? [] : [group]
  const { data, error, isFetching, dataUpdatedAt } = useQuery({
    queryKey: [...explainKey, user, method, path, group],
    queryFn: () => answerOf(api.POST('/api/v1/admin/explain', { body: { user, method, path, groups } })),
    enabled: user !== '' && path !== '',
    staleTime: 0,
    retry: false,
  })
  if (error !== null) return <ProblemNotice error={error} />
  if (data === undefined) return isFetching ? <p className="muted loading">{t('loading')}</p> : null
  return <Verdict key={dataUpdatedAt} answer={data} group={group} />
}

function Verdict({ answer, group }: { readonly answer: Answer; readonly group: string | undefined }) {
  const { t } = useTranslation('admin')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const { decision, method, path, user, missing, because, rule, place, answeredBy, contact } = answer
  const name = user?.displayName ?? t('policy.anonymous')
  const { look, icon } = VERDICTS[decision]
  return (
    <section className="card verdict" aria-labelledby="verdict">
      <div className={`notice ${look}`}>
        <Icon name={icon} />
        <div>
          <h2 id="verdict" ref={heading} tabIndex={-1}>
            {t(`policy.${decision}`, { name })}
          </h2>
          <p>
            <code>
              {method} {path}
            </code>
          </p>
        </div>
      </div>
      {user !== undefined && user.id === undefined && <p className="muted">{t('policy.supposed')}</p>}
      {user?.isPending === true && <p className="muted">{t('policy.pending')}</p>}
      <dl className="facts">
        <Fact title={t('policy.answeredBy')}>
          {answeredBy && (
            <>
              {answeredBy.kind === 'gatehouse' ? t('policy.itself') : answeredBy.id} <code>{answeredBy.address}</code>
            </>
          )}
        </Fact>
        <Fact title={t('policy.rule')}>
          {(rule ?? place) !== undefined && (
            <>
              <span lang="en">{rule}</span>
              {place !== undefined && (
                <span className="exact">
                  {t('policy.place')} <code>{place}</code>
                </span>
              )}
            </>
          )}
        </Fact>
        <Fact title={t('policy.because')}>{because && <span lang="en">{because}</span>}</Fact>
        <Fact title={t('policy.missing')}>{missing.length > 0 && <Entries entries={missing} />}</Fact>
        <Fact title={t('policy.help')}>
          {decision === 'refused' && <Help isStranger={user === undefined} missing={missing} contact={contact} />}
        </Fact>
        <Fact title={t('people.groups')}>
          {user && (
            <>
              {user.groups.length === 0 ? t('people.groups.none') : <Entries entries={user.groups} />}
              <span className="exact">
                {group === undefined ? t('policy.groups') : t('policy.groupsWith', { group })}
              </span>
            </>
          )}
        </Fact>
      </dl>
    </section>
  )
}

/** Nothing where there is nothing to say. */
const Fact = ({ title, children }: { readonly title: string; readonly children: ReactNode }) =>
  children === undefined || children === false || children === '' ? null : (
    <>
      <dt>{title}</dt>
      <dd>{children}</dd>
    </>
  )

const Entries = ({ entries }: { readonly entries: readonly string[] }) => (
  <ul className="chips">
    {entries.map((entry) => (
      <li key={entry} className="badge">
        {entry}
      </li>
    ))}
  </ul>
)

interface HelpProps {
  readonly isStranger: boolean
  readonly missing: readonly string[]
  readonly contact: string | undefined
}

function Help({ isStranger, missing, contact }: HelpProps) {
  const { t } = useTranslation('admin')
  const isOurs = !isStranger && missing.some((entry) => entry.startsWith('group:local:'))
  const isTheirs =
    !isStranger && missing.some((entry) => entry.startsWith('group:') && !entry.startsWith('group:local:'))
  return (
    <ul className="plain-list">
      {isOurs && (
        <li>
          {t('policy.help.ours')} <Link to="/admin/groups">{t('groups.title')}</Link>
        </li>
      )}
      {isTheirs && <li>{t('policy.help.theirs')}</li>}
      {isStranger && <li>{t('policy.help.logIn')}</li>}
      {!isStranger && !isOurs && !isTheirs && <li>{t('policy.help.rule')}</li>}
      {contact !== undefined && <li>{t('policy.help.contact', { contact })}</li>}
    </ul>
  )
}
