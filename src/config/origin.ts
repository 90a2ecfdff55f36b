// Where a setting comes from, for people who must find it: a place in a file, a key in etcd, a variable, or the default.

import { visible } from './visible.ts'

export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'etcd'; readonly key: string; readonly line: number; readonly column: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'default' }

export const fromDefault: Origin = Object.freeze({ kind: 'default' })

/** `gatehouse.yaml:3:15`, `etcd /gatehouse/config/sessions/idle`, `environment GATEHOUSE_SERVER__LISTEN` or `default`. */
export function formatOrigin(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.file}:${origin.line}:${origin.column}`
  // Most values in etcd have one line; where one has more, the place in it helps.
  if (origin.kind === 'etcd')
    return `etcd ${visible(origin.key)}${origin.line > 1 ? `:${origin.line}:${origin.column}` : ''}`
  return origin.kind === 'env' ? `environment ${origin.name}` : 'default'
}
