// How texts are made of words: English where one lacks, the form of a number that the language has, and numbers as it writes
// them (1,000 and 1.000 and 1 000).

import i18next, { type FormatterModule, type i18n, type Module, type Resource } from 'i18next'

const numbers: FormatterModule = {
  type: 'formatter',
  init: () => {},
  add: () => {},
  addCached: () => {},
  format: (value: number | string, _format, language) =>
    typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value,
}

/** @param resources words by language and area @param plugins what else is to hear of them */
export async function startTexts(resources: Resource, plugins: readonly Module[] = []): Promise<i18n> {
  for (const plugin of plugins) i18next.use(plugin)
  await i18next.use(numbers).init({
    lng: 'en',
    fallbackLng: 'en',
    keySeparator: false,
    nsSeparator: false,
    defaultNS: 'shell',
    returnEmptyString: false,
    interpolation: { escapeValue: false, alwaysFormat: true },
    resources,
  })
  return i18next
}
