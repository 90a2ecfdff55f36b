// How pages look to whoever asks: in which language, light or dark. Known from their preferences or their browser.

/** What pages are prepared for; the first is what everything falls back to. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'ja', 'ko', 'zh-CN'] as const
export type Language = (typeof LANGUAGES)[number]

/** As each names itself. */
export const LANGUAGE_NAMES: Readonly<Record<Language, string>> = {
  en: 'English',
  de: 'Deutsch',
  fr: 'Français',
  es: 'Español',
  it: 'Italiano',
  ja: '日本語',
  ko: '한국어',
  'zh-CN': '简体中文',
}

/** `system`: as the person's computer is set. */
export const THEMES = ['system', 'light', 'dark'] as const
export type Theme = (typeof THEMES)[number]

export interface Look {
  readonly language: Language
  readonly theme: Theme
}

/** The best of ours for an Accept-Language header (RFC 9110 §12.5.4); what is malformed in it counts for nothing. */
export function negotiateLanguage(header: string | undefined): Language {
  const wanted = (header ?? '')
    .slice(0, 500)
    .split(',')
    .map((part) => {
      const [range = '', ...parameters] = part.split(';').map((each) => each.trim())
      const quality = Number(parameters.find((each) => each.startsWith('q='))?.slice(2) ?? 1)
      return { range: range.toLowerCase(), quality: quality >= 0 && quality <= 1 ? quality : 0 }
    })
    .filter(({ quality }) => quality > 0)
    .sort((a, b) => b.quality - a.quality)
  for (const { range } of wanted) {
    const [primary] = range.split('-')
    const found = LANGUAGES.find((language) => language.split('-')[0] === primary)
    if (found !== undefined) return found
  }
  return LANGUAGES[0]
}
