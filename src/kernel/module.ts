// What a feature is: one value, created without I/O, listed by hand in `src/modules.ts`.
// The kernel knows the life cycle only; what a part contributes to HTTP is a matter between `http` and the feature.

export interface HealthReport {
  readonly healthy: boolean
  /** Shown by /readyz and logged; never a secret, never a host name. */
  readonly detail?: string
}

/** Something that runs each `everyMs` while the gateway is up. An error is logged and the next run comes as planned. */
export interface Task {
  readonly name: string
  readonly everyMs: number
  readonly run: () => Promise<void>
}

/** What `create` returns. `api` is what other modules receive under this module's id. */
export interface Part<Api> {
  readonly api: Api
  readonly tasks?: readonly Task[]
  /** Asked by /readyz. Must answer within a second. */
  readonly health?: () => Promise<HealthReport>
  /** Opens what needs I/O. Called in order of dependency; if it throws, what had started is stopped. */
  readonly start?: () => Promise<void>
  /** Stops taking new work and finishes what runs, until the deadline of the signal. */
  readonly drain?: (deadline: AbortSignal) => Promise<void>
  /**
   * A reload made another part in this one's place. Ends what is open here and the other would not have, and resolves
   * when nothing is open any more; `stop` follows. Called again with each that comes later.
   *
   * @param next the `api` of the part that answers now
   */
  retire?(next: Api): Promise<void>
  /** Releases everything. Safe to call twice, and after a failed start. */
  readonly stop?: () => Promise<void>
}

export interface Module<Id extends string, Schema, Deps, Api, P extends Part<Api> = Part<Api>> {
  readonly id: Id
  /** The schema of this module's slice of the configuration, under `configKey`. */
  readonly config: Schema
  /** The top-level key of the configuration file. */
  readonly configKey: string
  /** Ids of the modules whose `api` arrives in `deps`. */
  readonly requires: readonly string[]
  readonly create: (deps: Deps, config: OutputOf<Schema>) => P
}

/** The parsed type of a schema (zod 4 keeps it there; the kernel itself depends on no schema library). */
export type OutputOf<Schema> = Schema extends { readonly _zod: { readonly output: infer Output } } ? Output : never

/**
 * Declares a feature.
 *
 * @example
 * export const jobs = defineModule({
 *   id: 'jobs', configKey: 'jobs', config: jobsConfig, requires: ['sessions', 'storage'],
 *   create: ({ storage, clock }: JobsDeps, config) => ({ api: createJobs(storage, clock, config) }),
 * })
 */
export const defineModule = <const Id extends string, Schema, Deps, Api, P extends Part<Api>>(
  module: Module<Id, Schema, Deps, Api, P>,
): Module<Id, Schema, Deps, Api, P> => Object.freeze(module)
