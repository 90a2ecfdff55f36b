// What the import writes: settings in their order, each with the comment above it, and their text as YAML.

import { toYamlValue, type YamlValue } from '../yaml-text.ts'

export interface Setting {
  readonly key: string
  /** Whole lines, without `#`. */
  readonly comment?: readonly string[]
  readonly value: YamlValue | readonly YamlValue[] | { readonly settings: readonly Setting[] }
}

export type SettingValue = Setting['value']

/** A setting with its value; none where the value is undefined. */
export const setting = (
  key: string,
  value: SettingValue | undefined,
  ...comment: readonly string[]
): readonly Setting[] => (value === undefined ? [] : [{ key, value, comment }])

/** A map of settings; none where it would be empty. */
export const group = (key: string, settings: readonly Setting[], ...comment: readonly string[]): readonly Setting[] =>
  settings.length === 0 ? [] : [{ key, value: { settings }, comment }]

/** Each line with a newline at its end. */
export function toYaml(settings: readonly Setting[], indent = ''): string {
  return settings
    .map(({ key, comment = [], value }) => {
      const head = comment.map((line) => `${indent}#${line === '' ? '' : ` ${line}`}\n`).join('')
      if (typeof value !== 'object' || !('settings' in value)) return `${head}${indent}${key}: ${toYamlValue(value)}\n`
      return `${head}${indent}${key}:\n${toYaml(value.settings, `${indent}  `)}`
    })
    .join(indent === '' ? '\n' : '')
}
