// Something to copy: what it is, the text as it is, and the button.

import { Button } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'

/** By plain http, but for this computer itself, browsers have no clipboard: then the text is there to be marked. */
export function Copyable({ label, text }: { readonly label: string; readonly text: string }) {
  const { t } = useTranslation('settings')
  const [isCopied, setCopied] = useState(false)
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(text)
    setCopied(true)
  }
  return (
    <div className="copyable">
      <div className="section-head">
        <p className="label">{label}</p>
        {isSecureContext && (
          <Button size="sm" onClick={() => void copy()} aria-label={t('secret.copyWhat', { what: label })}>
            {t(isCopied ? 'secret.copied' : 'secret.copy')}
          </Button>
        )}
      </div>
      <pre>
        <code>{text}</code>
      </pre>
      <output className="visually-hidden">{isCopied ? t('secret.copied') : ''}</output>
    </div>
  )
}
