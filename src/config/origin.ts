// Where a setting comes from, for people who must find it: a place in a file, a variable, or the default.

export type Origin =
  | { readonly kind: 'file'; readonly file: string; readonly line: number; readonly column: number }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'default' }

export const fromDefault: Origin = Object.freeze({ kind: 'default' })

/** `gatehouse.yaml:3:15`, `environment GATEHOUSE_SERVER__LISTEN` or `default`. */
export function formatOrigin(origin: Origin): string {
  if (origin.kind === 'file') return `${origin.file}:${origin.line}:${origin.column}`
  return origin.kind === 'env' ? `environment ${origin.name}` : 'default'
}
