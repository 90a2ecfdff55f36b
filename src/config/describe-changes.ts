// The difference between two configurations, for `gatehouse config plan`.

import type { SettingChange } from './difference.ts'
import { flowText } from './type-label.ts'

const SIGNS: Readonly<Record<SettingChange['kind'], string>> = { added: '+', removed: '-', changed: '~' }

/** A line a change, such as `~ server.frameAncestors: [] → [https://lab.example.org]`. */
export const describeChanges = (changes: readonly SettingChange[]): string =>
  changes.map((change) => `${SIGNS[change.kind]} ${change.path}: ${describeValues(change)}${mark(change)}\n`).join('')

function describeValues({ kind, before, after, isContent }: SettingChange): string {
  if (isContent) return `${show(after)} (what it holds has changed)`
  return kind === 'changed' ? `${show(before)} → ${show(after)}` : show(kind === 'added' ? after : before)
}

/** A secret looks like a list in YAML, and is none. */
const show = (value: unknown): string =>
  typeof value === 'string' && value.startsWith('[secret]') ? value : (flowText(value) ?? '')

const mark = ({ needsRestart }: SettingChange): string => (needsRestart ? '   # needs a restart' : '')
