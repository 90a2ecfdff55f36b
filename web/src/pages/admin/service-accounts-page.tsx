// Accounts of programs: what they may do, which keys they have, and the ways to turn a key over or an account off.

import { Button } from '@mantine/core'
import { useMutation, useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import type { paths } from '../../api/generated/openapi.ts'
import { Empty } from '../../parts/empty.tsx'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { Section } from '../../parts/section.tsx'
import { type Column, Table } from '../../parts/table.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { Copyable } from '../settings/copyable.tsx'
import { useScopeWords } from '../settings/scope-choice.tsx'
import { SecretCard } from '../settings/secret-card.tsx'
import { type NewKey, ServiceAccountForm } from './service-account-form.tsx'

type Account =
  paths['/api/v1/admin/service-accounts']['get']['responses'][200]['content']['application/json']['accounts'][number]

export function ServiceAccountsPage() {
  const { t } = useTranslation('admin')
  return (
    <Page title={t('services.title')} lead={t('services.lead')}>
      <ServiceAccounts />
    </Page>
  )
}

const key = ['service-accounts'] as const
type Act = 'rotate' | 'disable' | 'enable'

function ServiceAccounts() {
  const { t } = useTranslation(['admin', 'settings'])
  const { api } = usePortal()
  const words = useScopeWords('account')
  const queries = useQueryClient()
  const [made, setMade] = useState<NewKey>()
  const { data } = useSuspenseQuery({
    queryKey: key,
    queryFn: () => answerOf(api.GET('/api/v1/admin/service-accounts')),
  })
  const lookAgain = (): Promise<void> => queries.invalidateQueries({ queryKey: key })
  const change = useMutation({
    mutationFn: async ({ name, act }: { readonly name: string; readonly act: Act }): Promise<void> => {
      const params = { path: { name } }
      if (act === 'rotate') {
        const { secret } = await answerOf(
          api.POST('/api/v1/admin/service-accounts/{name}/rotate', { params, body: {} }),
        )
        setMade({ name, secret })
      } else if (act === 'disable') {
        await answerOf(api.POST('/api/v1/admin/service-accounts/{name}/disable', { params }))
      } else {
        await answerOf(api.POST('/api/v1/admin/service-accounts/{name}/enable', { params }))
      }
    },
    onSettled: lookAgain,
  })
  const columns: readonly Column<Account>[] = [
    {
      title: t('services.account'),
      cell: ({ name, description, isDisabled }) => (
        <>
          <code className="whole">{name}</code>{' '}
          {isDisabled && <span className="badge bad">{t('people.state.disabled')}</span>}
          {description !== '' && <span className="exact">{description}</span>}
        </>
      ),
    },
    { title: t('people.groups'), cell: ({ groups }) => groups.join(', ') || t('people.groups.none') },
    {
      title: t('services.scopes'),
      cell: ({ scopes }) => scopes.map((scope) => words(scope)).join(', ') || t('people.groups.none'),
    },
    {
      title: t('services.keys'),
      cell: (account) => (
        <>
          {account.keys.length}
          {account.rotatedAt !== undefined && (
            <span className="exact">
              {t('services.rotated')} <When at={account.rotatedAt} />
            </span>
          )}
          <LeftBehind account={account} />
        </>
      ),
    },
    {
      title: t('actions'),
      isActions: true,
      cell: ({ name, isDisabled }) => (
        <span className="row-actions">
          {(isDisabled ? (['enable'] as const) : (['rotate', 'disable'] as const)).map((act) => (
            <Button
              key={act}
              size="sm"
              variant="subtle"
              color={act === 'disable' ? 'danger' : 'accent'}
              disabled={change.isPending}
              aria-label={`${t(`services.${act}`)}: ${name}`}
              onClick={() => change.mutate({ name, act })}
            >
              {t(`services.${act}`)}
            </Button>
          ))}
        </span>
      ),
    },
  ]
  return (
    <div className="stack">
      {change.error !== null && <ProblemNotice error={change.error} />}
      {made !== undefined && (
        <SecretCard
          key={made.secret}
          title={t('services.made', { name: made.name })}
          lead={t('services.once')}
          done={t('services.putAway')}
          onDone={() => setMade(undefined)}
        >
          <Copyable label={t('secret.token', { ns: 'settings' })} text={made.secret} />
        </SecretCard>
      )}
      {data.accounts.length === 0 ? (
        <Empty title={t('services.none')}>
          <p>{t('services.none.hint')}</p>
          <p>
            <code>gatehouse service-account create NAME --group GROUP --scope services</code>
          </p>
        </Empty>
      ) : (
        <Table caption={t('services.title')} columns={columns} rows={data.accounts} keyOf={({ name }) => name} />
      )}
      <Section title={t('services.make')}>
        <ServiceAccountForm
          taken={data.accounts.map(({ name }) => name)}
          onMade={(shown) => {
            setMade(shown)
            return lookAgain()
          }}
        />
      </Section>
    </div>
  )
}

/** Old keys that are used although there is a newer one: whoever uses them has not been given it. */
function LeftBehind({ account: { keys, rotatedAt = '', rotateEverySeconds } }: { readonly account: Account }) {
  const { t } = useTranslation('settings')
  // A program of an account whose keys rotate by themselves reads the new one in time.
  if (rotateEverySeconds !== undefined) return null
  return keys.map(({ id, prefix, expiresAt, lastUsedAt = '' }) =>
    expiresAt === undefined || lastUsedAt <= rotatedAt ? null : (
      <div key={id}>
        <code>{prefix}…</code> <span className="badge warn">{t('tokens.endsSoon')}</span>
        <span className="exact">
          {t('tokens.used')} <When at={lastUsedAt} />
        </span>
        <span className="exact">
          {t('tokens.ends')} <When at={expiresAt} />
        </span>
      </div>
    ),
  )
}
