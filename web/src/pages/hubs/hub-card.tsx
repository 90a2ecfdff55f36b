// One hub: whose account is connected since when, the way there, and how a program calls its API.

import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/icons.tsx'
import { When } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { ConnectForm } from '../settings/connect-form.tsx'
import { Copyable } from '../settings/copyable.tsx'
import type { useDisconnect } from '../settings/disconnect.ts'
import { type Connection, type Hub, useConnection } from './hub-account.ts'

interface HubCardProps {
  readonly hub: Hub
  readonly disconnecting: ReturnType<typeof useDisconnect>
}

export function HubCard({ hub, disconnecting }: HubCardProps) {
  const { t } = useTranslation('hubs')
  const connection = useConnection(hub)
  const { label } = hub
  const account = { id: hub.provider, label }
  const mayConnect = connection.kind === 'off' || (connection.kind === 'lost' && !hub.isLogin)
  return (
    <article className="card hub" aria-labelledby={`hub-${hub.id}`}>
      <header className="hub-head">
        <span className="tile hub-mark" aria-hidden="true">
          <Icon name={hub.mayUse ? 'branch' : 'lock'} />
        </span>
        <h2 id={`hub-${hub.id}`}>{label}</h2>
        <span className={`badge hub-state ${LOOKS[connection.kind]}`}>{t(connection.kind)}</span>
      </header>
      <WhatItMeans hub={hub} connection={connection} />
      <div className="row">
        {mayConnect && <ConnectForm account={account} />}
        {connection.kind === 'lost' && hub.isLogin && <LogInAgain />}
        <a className="button-link" href={hub.href}>
          {t('open', { name: label })}
        </a>
        {hub.connected && !hub.isLogin && (
          <Button variant="subtle" loading={disconnecting.isPending} onClick={() => disconnecting.mutate(account)}>
            {t('disconnect', { name: label })}
          </Button>
        )}
      </div>
      {hub.mayUse && <HowToCall hub={hub} />}
    </article>
  )
}

const LOOKS: Readonly<Record<Connection['kind'], string>> = {
  on: 'ok',
  off: '',
  lost: 'warn',
  silent: 'warn',
  closed: '',
}

function WhatItMeans({ hub, connection }: { readonly hub: Hub; readonly connection: Connection }) {
  const { t } = useTranslation('hubs')
  switch (connection.kind) {
    case 'closed':
      return <p lang="en">{hub.because}</p>
    case 'off':
      return <p>{t('offWhy')}</p>
    case 'lost':
      return <p>{t(hub.isLogin ? 'lostLogin' : 'lostWhy')}</p>
    case 'silent':
      return <p>{t('silentWhy')}</p>
    case 'on':
      return (
        <dl className="facts">
          {connection.name !== undefined && (
            <>
              <dt>{t('account')}</dt>
              <dd>{connection.name}</dd>
            </>
          )}
          {hub.since !== undefined && (
            <>
              <dt>{t(hub.isLogin ? 'loggedInSince' : 'since')}</dt>
              <dd>
                <When at={hub.since} />
              </dd>
            </>
          )}
        </dl>
      )
  }
}

function LogInAgain() {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const here = encodeURIComponent(location.pathname.slice(place.basePath.length))
  return (
    <a className="button-link primary" href={`${place.basePath}/auth/login?again=1&returnTo=${here}`}>
      {t('session.logInAgain')}
    </a>
  )
}

/** A page that is served here has the session; a script has not, and no token of ours stands for an account at a hub. */
function HowToCall({ hub: { api, href } }: { readonly hub: Hub }) {
  const { t } = useTranslation('hubs')
  return (
    <>
      <Copyable label={t('api')} text={new URL(api, location.origin).href} />
      <details>
        <summary>{t('call')}</summary>
        <div className="stack">
          <p>{t('call.page')}</p>
          <Copyable label={t('call.pageLine')} text={`await fetch('${api}projects?membership=true')`} />
          <p>{t('call.script')}</p>
          <Copyable
            label={t('call.scriptLine')}
            text={`curl --header "PRIVATE-TOKEN: $HUB_TOKEN" "${href}/api/v4/projects?membership=true"`}
          />
        </div>
      </details>
    </>
  )
}
