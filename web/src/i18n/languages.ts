// Languages: the words of each area in a file of their own, those of English with the code, others when they are wanted.

import i18next, { type i18n } from 'i18next'
import { initReactI18next } from 'react-i18next'
import { startTexts } from './texts.ts'

type Words = Readonly<Record<string, string>>

const english = import.meta.glob<Words>('./en/*.json', { eager: true, import: 'default' })
const others = import.meta.glob<Words>(['./*/*.json', '!./en/*.json'], { import: 'default' })

/** As each names itself. */
export const languageNames: Readonly<Record<string, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  it: 'Italiano',
  ja: '日本語',
  ko: '한국어',
  'zh-CN': '简体中文',
}

const areaOf = (path: string): string => /([^/]+)\.json$/.exec(path)?.[1] ?? ''

export async function startLanguages(language: string): Promise<i18n> {
  const words = Object.fromEntries(Object.entries(english).map(([path, each]) => [areaOf(path), each]))
  await startTexts({ en: words }, [initReactI18next])
  await changeLanguage(language)
  return i18next
}

export async function changeLanguage(language: string): Promise<void> {
  const files = Object.entries(others).filter(([path]) => path.startsWith(`./${language}/`))
  await Promise.all(
    files.map(async ([path, load]) => i18next.addResourceBundle(language, areaOf(path), await load(), true, true)),
  )
  await i18next.changeLanguage(language)
  document.documentElement.lang = language
}
