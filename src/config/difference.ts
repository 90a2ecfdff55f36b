// What differs between two configurations, setting by setting, and which of it waits for a restart. A reload logs it and
// `config plan` prints it. Of a secret, or of what a file holds, only whether it is still the same is told.

import type { RestartNeed } from './json-schema.ts'
import { formatPath, type SettingPath } from './setting-path.ts'
import type { Setting } from './settings.ts'

/** What is compared of a setting: also what a running gateway leaves on the disk about itself. */
export interface ComparableSetting {
  readonly place: SettingPath
  /** As an operator writes it; `[secret]` for a secret. */
  readonly value: unknown
  readonly secretFrom?: string
  readonly restart?: RestartNeed
}

export interface SettingChange {
  /** The place, things of a list by their names: `upstreams["/api/"].to`. */
  readonly path: string
  readonly kind: 'added' | 'removed' | 'changed'
  /** Absent if it is added. */
  readonly before?: unknown
  /** Absent if it is removed. */
  readonly after?: unknown
  /** The value is written as it was, and what is behind it (a secret, a file) has changed. */
  readonly isContent: boolean
  readonly needsRestart: boolean
}

/** @param hasSameContent compares what two settings of the same value stand for. */
export function findChanges<Before extends ComparableSetting>(
  before: readonly Before[],
  after: readonly Setting[],
  hasSameContent: (before: Before, after: Setting) => boolean,
): readonly SettingChange[] {
  const old = new Map(before.map((setting) => [formatPath(setting.place), setting]))
  const fresh = new Map(after.map((setting) => [formatPath(setting.place), setting]))
  const removed = [...old].flatMap(([path, setting]) => (fresh.has(path) ? [] : [toChange(path, setting, undefined)]))
  const others = [...fresh].flatMap(([path, setting]): readonly SettingChange[] => {
    const known = old.get(path)
    if (known === undefined) return [toChange(path, undefined, setting)]
    if (!isSame(written(known), written(setting))) return [toChange(path, known, setting)]
    return hasSameContent(known, setting) ? [] : [{ ...toChange(path, known, setting), isContent: true }]
  })
  return [...removed, ...others, ...findMoves(before, after)]
}

/** The settings that a running gateway has after a reload: those that need a restart are still the first ones. */
export function settingsInEffect(initial: readonly Setting[], reloaded: readonly Setting[]): readonly Setting[] {
  const [atStart, now] = [initial, reloaded].map((settings) => new Set(settings.map(({ place }) => formatPath(place))))
  const isKept = ({ place, restart }: Setting): boolean =>
    restart === 'always' || (restart === 'presence' && now?.has(formatPath(place)) === false)
  const isTaken = ({ place, restart }: Setting): boolean =>
    restart === undefined || (restart === 'presence' && atStart?.has(formatPath(place)) === true)
  return [...reloaded.filter(isTaken), ...initial.filter(isKept)]
}

/** Of two readings in one process. */
export const hasSameContent = (before: Pick<Setting, 'content'>, after: Pick<Setting, 'content'>): boolean =>
  before.content?.reveal() === after.content?.reveal()

function toChange(
  path: string,
  before: ComparableSetting | undefined,
  after: ComparableSetting | undefined,
): SettingChange {
  const restart = after?.restart ?? before?.restart
  return {
    path,
    kind: before === undefined ? 'added' : after === undefined ? 'removed' : 'changed',
    ...(before !== undefined && { before: written(before) }),
    ...(after !== undefined && { after: written(after) }),
    isContent: false,
    needsRestart: restart === 'always' || (restart === 'presence' && (before === undefined || after === undefined)),
  }
}

/** The order of things with names is not in their places: where people see it, it is a change of its own. */
function findMoves(before: readonly ComparableSetting[], after: readonly ComparableSetting[]) {
  const [old, fresh] = [namesOf(before), namesOf(after)]
  return [...fresh].flatMap(([path, names]): readonly SettingChange[] => {
    const known = old.get(path) ?? []
    const stayed = names.filter((name) => known.includes(name))
    const asBefore = known.filter((name) => names.includes(name))
    if (isSame(stayed, asBefore)) return []
    return [{ path, kind: 'changed', before: asBefore, after: stayed, isContent: false, needsRestart: false }]
  })
}

/** The names of the things in each top-level list, in their order. */
function namesOf(settings: readonly ComparableSetting[]): ReadonlyMap<string, readonly string[]> {
  const lists = new Map<string, string[]>()
  for (const { place } of settings) {
    const [list, name, key] = place
    if (typeof list !== 'string' || typeof name !== 'string' || (key !== 'id' && key !== 'path')) continue
    const names = lists.get(list) ?? []
    lists.set(list, names)
    if (!names.includes(name)) names.push(name)
  }
  return lists
}

const written = ({ value, secretFrom }: ComparableSetting): unknown =>
  secretFrom === undefined ? value : `[secret] from ${secretFrom}`

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b)
