// The secret of a token that was just made: shown this once, to copy, with a call that works.

import { Button } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../../parts/icons.tsx'
import { usePortal } from '../../portal-context.ts'
import { useApps } from '../apps/use-apps.ts'
import { Copyable } from './copyable.tsx'
import type { Minted } from './tokens-api.ts'

interface NewTokenSecretProps {
  readonly minted: Minted
  readonly onDone: () => void
}

export function NewTokenSecret({ minted: { token, secret }, onDone }: NewTokenSecretProps) {
  const { t } = useTranslation('settings')
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => heading.current?.focus(), [])
  const example = `curl -H "Authorization: Bearer ${secret}" ${useExample(token)}`
  return (
    <section className="card secret section" aria-labelledby="secret">
      <div className="notice ok">
        <Icon name="done" />
        <div>
          <h2 id="secret" ref={heading} tabIndex={-1}>
            {t('secret.title', { name: token.name })}
          </h2>
          <p>{t('secret.once')}</p>
        </div>
      </div>
      <Copyable label={t('secret.token')} text={secret} />
      <Copyable label={t('secret.example')} text={example} />
      <p>
        <Button onClick={onDone}>{t('secret.done')}</Button>
      </p>
    </section>
  )
}

/** Something that this token may call. */
function useExample({ scopes }: Minted['token']): string {
  const { place } = usePortal()
  const apps = useApps()
  const app = apps.find(
    ({ id, mayOpen }) => mayOpen && (scopes.includes('services') || scopes.includes(`service:${id}`)),
  )
  const path = scopes.includes('self:read') || app === undefined ? `${place.basePath}/api/v1/me` : app.href
  return new URL(path, location.origin).href
}
