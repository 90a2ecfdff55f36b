// What went wrong, why, what to do, and the id that names it in the server's log.

import { useTranslation } from 'react-i18next'
import { Problem } from '../api/problem.ts'
import { usePortal } from '../portal-context.ts'
import { Icon } from './icons.tsx'

export function ProblemNotice({ error }: { readonly error: unknown }) {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const { status, title, detail, hint, errorId, code } =
    error instanceof Problem ? error.facts : { status: -1, title: t('problem.unexpected'), hint: t('problem.reload') }
  const words =
    status === 0
      ? { title: t('problem.unreachable'), detail: t('problem.unreachableWhy'), hint: t('problem.unreachableHint') }
      : { title: title ?? t('problem.unexpected'), detail, hint }
  // The API speaks English.
  const language = status > 0 ? 'en' : undefined
  return (
    <div className="notice danger" role="alert">
      <Icon name="warning" />
      <div>
        <div lang={language}>
          <p className="strong">{words.title}</p>
          {words.detail !== undefined && <p>{words.detail}</p>}
          {words.hint !== undefined && <p>{words.hint}</p>}
        </div>
        {errorId !== undefined && (
          <p className="muted">
            {t('problem.id')} <code>{errorId}</code> {code !== undefined && <code>{code}</code>}
          </p>
        )}
        {code !== undefined && (
          <p>
            {/* What was typed into this page stays. */}
            <a href={`${place.basePath}/docs/errors#${code}`} target="_blank" rel="noopener">
              {t('problem.meaning')}
            </a>
          </p>
        )}
      </div>
    </div>
  )
}
