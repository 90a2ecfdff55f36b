// The people of a GitLab that stands in for a real one in tests.

import { Secret } from '#kernel'

export interface GitLabUser {
  /** The `sub` of ID tokens, as text. Each instance counts by itself: nothing ties it to the same person's id elsewhere. */
  readonly id: number
  readonly username: string
  readonly displayName: string
  readonly email: string
  /** Full paths of the groups that the person is in, through an ancestor or directly. */
  readonly groups: readonly string[]
  /** Of those, where the person is a member by name. */
  readonly directGroups: readonly string[]
  readonly password: Secret
}

/** Personas: `ada` (user), `grace` (admin), `mallory` (hostile). Passwords carry a mark that no log may show. */
export const createGitLabUsers = (firstId = 101): GitLabUser[] =>
  ['ada', 'grace', 'mallory'].map((username, index) => ({
    id: firstId + index,
    username,
    displayName: `${username[0]?.toUpperCase()}${username.slice(1)} Ünal`,
    email: `${username}@example.org`,
    groups: username === 'mallory' ? [] : ['plants', 'plants/roots'],
    directGroups: username === 'mallory' ? [] : ['plants/roots'],
    password: new Secret(`CANARY-password-${username}`),
  }))
