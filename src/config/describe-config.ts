// The configuration in effect, for `gatehouse config print`: a line a setting, with its origin. Secrets are not in it.

import type { LoadedConfig } from './load-config.ts'
import { formatOrigin } from './origin.ts'
import type { Setting } from './settings.ts'
import { flowText } from './type-label.ts'
import { visible } from './visible.ts'

const originColumn = 56

/** Lines such as `server.listen: 0.0.0.0:8080    # default`, in the order of the schema. */
export const describeConfig = ({ settings }: Pick<LoadedConfig<unknown>, 'settings'>): string =>
  settings.map((setting) => `${lineOf(setting).padEnd(originColumn)}  # ${whereFrom(setting)}\n`).join('')

/** The same for programs. */
export const describeConfigAsJson = ({ settings, warnings }: Pick<LoadedConfig<unknown>, 'settings' | 'warnings'>) => ({
  settings: settings.map(({ path, value, secretFrom, origin }) => ({
    path,
    value,
    ...(secretFrom !== undefined && { secretFrom }),
    origin: formatOrigin(origin),
  })),
  warnings: warnings.map(({ origin, ...warning }) => ({ ...warning, origin: formatOrigin(origin) })),
})

const lineOf = ({ path, value }: Setting): string =>
  visible(`${path}: ${value === '[secret]' ? value : flowText(value)}`)

const whereFrom = ({ origin, secretFrom }: Setting): string => {
  const named = formatOrigin(origin)
  return secretFrom === undefined || secretFrom === named ? named : `${secretFrom}, named in ${named}`
}
