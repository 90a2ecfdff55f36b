// The secret of a token that was just made: shown this once, to copy, with a call that works.

import { useTranslation } from 'react-i18next'
import { usePortal } from '../../portal-context.ts'
import { useApps } from '../apps/use-apps.ts'
import { Copyable } from './copyable.tsx'
import { SecretCard } from './secret-card.tsx'
import type { Minted } from './tokens-api.ts'

interface NewTokenSecretProps {
  readonly minted: Minted
  readonly onDone: () => void
}

export function NewTokenSecret({ minted: { token, secret }, onDone }: NewTokenSecretProps) {
  const { t } = useTranslation('settings')
  const example = `curl -H "Authorization: Bearer ${secret}" ${useExample(token)}`
  return (
    <SecretCard
      title={t('secret.title', { name: token.name })}
      lead={t('secret.once')}
      done={t('secret.done')}
      onDone={onDone}
    >
      <Copyable label={t('secret.token')} text={secret} />
      <Copyable label={t('secret.example')} text={example} />
    </SecretCard>
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
