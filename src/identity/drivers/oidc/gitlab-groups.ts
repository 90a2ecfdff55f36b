// The groups that GitLab's API lists for the owner of an access token (Groups API, "List groups"): those that they are a
// member of, directly or through a group above, as guest at least.

import type { Configuration } from 'openid-client'
import { z } from 'zod'
import { groupNames } from '../oauth/claims.ts'
import { fetchJson } from '../oauth/fetch-json.ts'

interface Owner {
  /** The address of the GitLab, with its relative path if it has one. */
  readonly issuer: string
  readonly accessToken: string
}

const PAGE_SIZE = 100
/** As many groups as a claim may hold. */
const MAX_PAGES = 10
const GUEST = '10'

const page = z.array(z.object({ full_path: z.string() }))

/** @returns full paths. @throws what a failed call throws, and an error for an answer that is not the documented one */
export async function listGitLabGroups(
  configuration: Configuration,
  { issuer, accessToken }: Owner,
): Promise<readonly string[]> {
  const paths: string[] = []
  for (let number = 1; number <= MAX_PAGES; number += 1) {
    // The address is ours, page by page: one that an answer names is not followed with the token.
    const url = new URL(`${issuer.replace(/\/$/, '')}/api/v4/groups`)
    const query = { all_available: 'false', min_access_level: GUEST, per_page: `${PAGE_SIZE}`, page: `${number}` }
    url.search = new URLSearchParams(query).toString()
    const groups = page.safeParse(await fetchJson(configuration, { url, accessToken }))
    if (!groups.success) throw new Error('the list of groups is not one')
    paths.push(...groups.data.map(({ full_path: path }) => path))
    if (groups.data.length < PAGE_SIZE) break
  }
  return groupNames(paths) ?? []
}
