// What GitLab answers to a Git LFS batch request (Git LFS API, docs/api/batch.md), as it may leave: its links lead to GitLab
// itself, and carry a credential of the person for it. Here they lead back to the gateway, which adds what proves the person.
// The answer is built anew from what is known of it, so that nothing else can leave.

import { z } from 'zod'
import { isRefusal, parseTarget } from '#http'
import { parseJson } from '#kernel'

const action = z.object({
  href: z.url({ protocol: /^https?$/ }),
  header: z.record(z.string(), z.string()).exactOptional(),
  expires_in: z.number().exactOptional(),
  expires_at: z.string().exactOptional(),
})

const batchAnswer = z.object({
  transfer: z.string().exactOptional(),
  hash_algo: z.string().exactOptional(),
  objects: z.array(
    z.object({
      oid: z.string(),
      size: z.union([z.number(), z.string()]),
      authenticated: z.boolean().exactOptional(),
      actions: z.record(z.string(), action).exactOptional(),
      error: z.object({ code: z.number(), message: z.string() }).exactOptional(),
    }),
  ),
})

type Action = z.output<typeof action>

export interface LfsPlace {
  /** How the links of the hub begin, without a slash at the end. */
  readonly hubUrl: string
  /** What stands for that here, likewise. */
  readonly publicUrl: string
}

/** @returns undefined for what is no answer to a batch request */
export function toPublicBatch(body: Buffer, place: LfsPlace): Buffer | undefined {
  const answer = batchAnswer.safeParse(parseJson(body.toString()))
  if (!answer.success) return undefined
  const objects = answer.data.objects.map(({ actions, ...object }) =>
    actions === undefined ? object : { ...object, actions: mapValues(actions, (each) => toPublicAction(each, place)) },
  )
  return Buffer.from(JSON.stringify({ ...answer.data, objects }))
}

function toPublicAction({ href, header, ...rest }: Action, place: LfsPlace): Action {
  const shown = header && Object.fromEntries(Object.entries(header).filter(([name]) => !isCredential(name)))
  return { href: toPublicHref(href, place), ...(shown !== undefined && { header: shown }), ...rest }
}

/** Links to elsewhere, such as an object store, prove by themselves what they are for, and stay. */
function toPublicHref(href: string, { hubUrl, publicUrl }: LfsPlace): string {
  const url = new URL(href)
  // https://oauth2:TOKEN@…
  url.username = ''
  url.password = ''
  const rest = url.href.startsWith(`${hubUrl}/`) ? url.href.slice(hubUrl.length) : undefined
  if (rest === undefined) return url.href
  const target = parseTarget(rest)
  return !isRefusal(target) && isLfsPath(target.path) ? `${publicUrl}${rest}` : url.href
}

/** Of a repository: `/group/project.git/info/lfs/…`, `/group/project.git/gitlab-lfs/objects/…`. */
export const isLfsPath = (path: string): boolean => /^\/[^/]+(?:\/[^/]+)+\.git\/(?:info\/lfs|gitlab-lfs)\/./.test(path)

/** Where the batch requests of a repository go. */
export const isLfsBatch = (path: string): boolean => isLfsPath(path) && path.endsWith('.git/info/lfs/objects/batch')

const isCredential = (name: string): boolean => /^(?:authorization|cookie|private-token|job-token)$/i.test(name)

const mapValues = <Value>(record: Readonly<Record<string, Value>>, map: (value: Value) => Value) =>
  Object.fromEntries(Object.entries(record).map(([name, value]) => [name, map(value)]))
