// Which of light and dark is shown. The server keeps what was chosen; nothing is stored in the browser.

import type { MantineColorScheme, MantineColorSchemeManager } from '@mantine/core'
import type { Theme } from '../place.ts'

export const schemeOf = (theme: Theme): MantineColorScheme => (theme === 'system' ? 'auto' : theme)

export function schemeKeeper(theme: Theme): MantineColorSchemeManager {
  let shown = schemeOf(theme)
  return {
    get: () => shown,
    set: (next) => {
      shown = next
    },
    subscribe: () => {},
    unsubscribe: () => {},
    clear: () => {},
  }
}
