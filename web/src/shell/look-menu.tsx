// Light or dark, and the language, from every page.

import { NativeSelect, Popover, SegmentedControl } from '@mantine/core'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import { languageNames } from '../i18n/languages.ts'
import { Icon } from '../parts/icons.tsx'
import { useShell } from '../portal-context.ts'
import { type Look, useLook } from './look.ts'

export function LookMenu() {
  const { t } = useTranslation('shell')
  const { languages } = useShell()
  const { look, choose } = useLook()
  const id = useId()
  return (
    <Popover position="bottom-end" width={288} trapFocus returnFocus withRoles shadow="md">
      <Popover.Target>
        <button type="button" className="plain">
          <Icon name="look" />
          <span className="word">{t('look')}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown className="dropdown stack">
        <div>
          <p id={id} className="label">
            {t('look.theme')}
          </p>
          <SegmentedControl
            fullWidth
            aria-labelledby={id}
            value={look.theme}
            onChange={(theme) => void choose({ theme })}
            data={(['system', 'light', 'dark'] as const).map((value) => ({ value, label: t(`look.${value}`) }))}
          />
        </div>
        <NativeSelect
          label={t('look.language')}
          value={look.language}
          onChange={({ currentTarget }) => void choose({ language: currentTarget.value as Look['language'] })}
          data={languages.map((value) => ({ value, label: languageNames[value] ?? value }))}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
