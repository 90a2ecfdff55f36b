// The architecture as a table: which folder of src/ stands where, and where each sharp primitive may be used.
// Read by `check-ranks.ts`. A new folder or a new home gets its line here, with the decision record that allows it.

export interface Rank {
  /** Names of folders and files directly under src/. */
  readonly places: readonly string[]
  /** What a place may import from its own rank: those before it, none, or all. */
  readonly within: 'before' | 'none' | 'all'
}

/** From the bottom up; imports go only downwards. */
export const ranks: readonly Rank[] = [
  { places: ['kernel'], within: 'none' },
  { places: ['config', 'telemetry', 'storage', 'mail', 'etcd', 'http', 'engines'], within: 'before' },
  { places: ['sessions', 'identity', 'access', 'tokens'], within: 'before' },
  // What features hang their own on: services behind the door, files at it (decision 0033).
  { places: ['proxy', 'site'], within: 'none' },
  {
    places: ['verify', 'backend-ai', 'account', 'hubs', 'portal', 'jobs', 'compute', 'experiments', 'forms'],
    within: 'none',
  },
  {
    places: [
      'gateway.ts',
      'generation.ts',
      'modules.ts',
      'config-agreement.ts',
      'backend-ai-agreement.ts',
      'hubs-agreement.ts',
      'service-ids.ts',
      'host-agreement.ts',
      'people-agreement.ts',
      'pipeline.ts',
      'cli',
      'serve',
      'error-catalogue.ts',
      'request-recorder.ts',
      'tasks.ts',
      'version.ts',
      'main.ts',
    ],
    within: 'all',
  },
]

export interface Home {
  readonly what: string
  /** Places under src/ that may use it. */
  readonly places: readonly string[]
}

/** Packages that one folder keeps to itself; the pattern matches the import's specifier. */
export const packageHomes: readonly (Home & { readonly specifier: RegExp })[] = [
  { what: 'the HTTP framework', specifier: /^(fastify|@fastify)(\/|$)/, places: ['http'] },
]

/** Identifiers that one folder keeps to itself. */
export const identifierHomes: readonly (Home & { readonly names: readonly string[] })[] = [
  { what: 'a symmetric cipher', names: ['createCipheriv', 'createDecipheriv'], places: ['storage', 'backend-ai'] },
]

export const environmentHome: Home = { what: 'process.env', places: ['config', 'main.ts'] }
