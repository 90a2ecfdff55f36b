// The one error type that may cross a border, and the way features declare their catalogue of them.
// `detail` and `hint` are shown to the person who asked; `cause` and `internal` go to the log only.

export interface ErrorSpec<Data> {
  /** HTTP status, 400 to 599. */
  readonly status: number
  /** What happened, in a few words; the same for every occurrence. */
  readonly title: string
  /** Why, for this occurrence. Shown to the caller: never put a secret or an internal name in it. */
  readonly detail: (data: Data) => string
  /** What to do about it. */
  readonly hint: string
  /** Extra response headers, such as Retry-After. */
  readonly headers?: (data: Data) => Readonly<Record<string, string>>
}

export interface GatewayErrorInit {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly hint: string
  readonly headers?: Readonly<Record<string, string>>
  readonly cause?: unknown
  /** Facts for the log. Never sent out. */
  readonly internal?: Readonly<Record<string, unknown>>
}

export class GatewayError extends Error {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly detail: string
  readonly hint: string
  readonly headers: Readonly<Record<string, string>>
  readonly internal: Readonly<Record<string, unknown>>

  constructor(init: GatewayErrorInit) {
    super(`${init.code}: ${init.detail}`, { cause: init.cause })
    this.name = 'GatewayError'
    this.code = init.code
    this.status = init.status
    this.title = init.title
    this.detail = init.detail
    this.hint = init.hint
    this.headers = init.headers ?? {}
    this.internal = init.internal ?? {}
  }
}

export interface ErrorOccurrence {
  readonly cause?: unknown
  readonly internal?: Readonly<Record<string, unknown>>
}

type ErrorFactory<Spec> =
  Spec extends ErrorSpec<infer Data> ? (data: Data, occurrence?: ErrorOccurrence) => GatewayError : never

export interface CatalogueEntry {
  readonly code: string
  readonly status: number
  readonly title: string
  readonly hint: string
}

type Catalogue<Specs> = { readonly [Name in keyof Specs]: ErrorFactory<Specs[Name]> } & {
  /** Every code of this area, for the reference page and its test. */
  readonly catalogue: readonly CatalogueEntry[]
}

/**
 * Declares the errors of one feature. The code is `area.name`, on the wire as in the reference.
 *
 * @example
 * export const sessionErrors = defineErrors('session', {
 *   expired: {
 *     status: 401, title: 'Your session has ended',
 *     detail: () => 'You were logged in, but not any more.', hint: 'Log in again.',
 *   },
 * })
 * throw sessionErrors.expired({})
 */
export function defineErrors<const Specs extends Record<string, ErrorSpec<never>>>(
  area: string,
  specs: Specs,
): Catalogue<Specs> {
  const factories: Record<string, unknown> = {}
  const catalogue: CatalogueEntry[] = []
  for (const [name, spec] of Object.entries(specs)) {
    const code = `${area}.${name}`
    catalogue.push({ code, status: spec.status, title: spec.title, hint: spec.hint })
    factories[name] = (data: never, occurrence: ErrorOccurrence = {}) =>
      new GatewayError({
        code,
        status: spec.status,
        title: spec.title,
        hint: spec.hint,
        detail: spec.detail(data),
        ...(spec.headers && { headers: spec.headers(data) }),
        ...occurrence,
      })
  }
  // The loop above fills exactly the keys of `specs`; TypeScript cannot follow a mapped type through it.
  return Object.freeze({ ...factories, catalogue }) as unknown as Catalogue<Specs>
}
