// What a stand-in for GitLab holds: projects with files, packages and LFS objects. Contents are kept by their hash and size.

export interface StoredContent {
  readonly sha256: string
  readonly size: number
}

export interface GitLabProject {
  readonly id: number
  /** With its groups: `plants/roots/barley`. */
  readonly path: string
  /** Ids of those who may see it. */
  readonly members: ReadonlySet<number>
  /** The default branch, by full path. */
  readonly files: Map<string, StoredContent & { readonly text?: string }>
  readonly packages: Map<string, StoredContent>
  readonly lfsObjects: Map<string, number>
}

export const createProject = (id: number, path: string, members: readonly number[]): GitLabProject => ({
  id,
  path,
  members: new Set(members),
  files: new Map(),
  packages: new Map(),
  lfsObjects: new Map(),
})

/** By number, or by the whole path in one encoded segment (REST API, "Namespaced paths"). */
export function findProject(projects: readonly GitLabProject[], segment: string): GitLabProject | undefined {
  const name = decodeURIComponent(segment)
  return projects.find(({ id, path }) => String(id) === name || path === name)
}

export const toShownProject = ({ id, path }: GitLabProject, url: string) => ({
  id,
  name: path.split('/').at(-1),
  path_with_namespace: path,
  default_branch: 'main',
  web_url: `${url}/${path}`,
})
