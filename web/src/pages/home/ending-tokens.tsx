// Reminds whoever made access tokens that some of them end soon.

import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { answerOf } from '../../api/client.ts'
import { Icon } from '../../parts/icons.tsx'
import { sayRelative } from '../../parts/when.tsx'
import { usePortal } from '../../portal-context.ts'
import { tokensKey } from '../settings/tokens-api.ts'

export function EndingTokens() {
  const { t, i18n } = useTranslation('home')
  const { api } = usePortal()
  // A reminder keeps nobody from the rest of the page, whatever becomes of it.
  const { data } = useQuery({ queryKey: tokensKey, queryFn: () => answerOf(api.GET('/api/v1/tokens')) })
  const ends = (data?.tokens ?? [])
    .filter(({ endsSoon }) => endsSoon)
    .map(({ name, expiresAt = '' }) => ({ name, at: Date.parse(expiresAt) }))
  const [first] = ends.toSorted((a, b) => a.at - b.at)
  if (first === undefined) return null
  const when = sayRelative(first.at - Date.now(), i18n.language)
  return (
    <div className="notice warning" role="status">
      <Icon name="warning" />
      <p>
        {t('tokens.ending', { count: ends.length, name: first.name, when })}{' '}
        <Link to="/settings/tokens">{t('tokens.look')}</Link>
      </p>
    </div>
  )
}
