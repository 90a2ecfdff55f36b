// Light or dark, and the language: kept on the server, so the same in every browser.

import { useTranslation } from 'react-i18next'
import { languageNames } from '../../i18n/languages.ts'
import { Page } from '../../parts/page.tsx'
import { ProblemNotice } from '../../parts/problem-notice.tsx'
import { Section } from '../../parts/section.tsx'
import { useShell } from '../../portal-context.ts'
import { useLook } from '../../shell/look.ts'
import { useToast } from '../../shell/toast.tsx'

const THEMES = ['system', 'light', 'dark'] as const

export function AppearancePage() {
  const { t, i18n } = useTranslation(['settings', 'shell'])
  const { languages } = useShell()
  const { look, choose, error } = useLook()
  const toast = useToast()
  const keep = async (part: Parameters<typeof choose>[0]): Promise<void> => {
    await choose(part)
    // In the language that was just chosen.
    toast(i18n.t('appearance.kept', { ns: 'settings' }))
  }
  return (
    <Page title={t('appearance.title')} lead={t('appearance.lead')}>
      {error !== null && <ProblemNotice error={error} />}
      <Section title={t('appearance.theme')}>
        <fieldset className="choices">
          <legend className="visually-hidden">{t('appearance.theme')}</legend>
          {THEMES.map((theme) => (
            <label key={theme} className="choice">
              <input
                type="radio"
                name="theme"
                value={theme}
                checked={look.theme === theme}
                onChange={() => void keep({ theme })}
              />
              {t(`look.${theme}`, { ns: 'shell' })}
              <span className={`swatch ${theme}`} aria-hidden="true" />
            </label>
          ))}
        </fieldset>
      </Section>
      <Section title={t('appearance.language')} lead={t('appearance.languageLead')}>
        <fieldset className="choices">
          <legend className="visually-hidden">{t('appearance.language')}</legend>
          {languages.map((language) => (
            <label key={language} className="choice">
              <input
                type="radio"
                name="language"
                value={language}
                checked={look.language === language}
                onChange={() => void keep({ language })}
              />
              <span lang={language}>{languageNames[language]}</span>
            </label>
          ))}
        </fieldset>
      </Section>
    </Page>
  )
}
