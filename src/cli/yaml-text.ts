// Values as the configuration files that we write hold them: each on one line, and read back as they were.

import { stringify } from 'yaml'

export type YamlValue = string | number | boolean

export const toYamlValue = (value: YamlValue | readonly YamlValue[]): string =>
  typeof value === 'object' ? `[${value.map(toScalar).join(', ')}]` : toScalar(value)

/** What is plain is not quoted. JSON is YAML. */
function toScalar(value: YamlValue): string {
  const isPlain =
    typeof value !== 'string' || (PLAIN.test(value) && stringify(value, { lineWidth: 0 }) === `${value}\n`)
  return isPlain ? String(value) : JSON.stringify(value)
}

const PLAIN = /^[\w/][\w ./:@+-]*$/
