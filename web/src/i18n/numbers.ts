// Numbers in texts, as the language writes them: 1,000 and 1.000 and 1 000.

import type { FormatterModule } from 'i18next'

/** Wants `interpolation.alwaysFormat`. */
export const numbers: FormatterModule = {
  type: 'formatter',
  init: () => {},
  add: () => {},
  addCached: () => {},
  format: (value: number | string, _format, language) =>
    typeof value === 'number' ? new Intl.NumberFormat(language).format(value) : value,
}
