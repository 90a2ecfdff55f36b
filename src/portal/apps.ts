// What is behind the door, as this person sees it: each mount that has a card, and whether they may open it.

import type { AppHosts, Mount, RequestContext } from '#http'
import type { Identities } from '#identity'
import type { Sessions } from '#sessions'

export interface App {
  readonly id: string
  readonly title: string
  readonly description?: string
  /** A path with the base path, or a whole address on a host of its own. */
  readonly href: string
  readonly mayOpen: boolean
  /** Why not, for the person. */
  readonly because?: string
  /** Accounts that it needs and this session does not hold. */
  readonly missingAccounts: readonly { readonly id: string; readonly label: string }[]
}

export interface AppsDeps {
  readonly hosts: AppHosts
  readonly publicUrl: { pathTo(path: string): string }
  readonly identity: Pick<Identities, 'providers'>
  readonly sessions: Pick<Sessions, 'current'>
}

export type ListApps = (ctx: RequestContext) => readonly App[]

export const createListApps =
  (mounts: readonly Mount[], deps: AppsDeps): ListApps =>
  (ctx) =>
    mounts.flatMap((mount) => (mount.card === undefined ? [] : [toApp(mount, mount.card, ctx, deps)]))

function toApp(mount: Mount, card: NonNullable<Mount['card']>, ctx: RequestContext, deps: AppsDeps): App {
  const decision = mount.mayOpen?.(ctx) ?? mount.authorize(ctx)
  const held = deps.sessions.current.get(ctx)?.credentials ?? {}
  const missing = (mount.credentials ?? []).filter((provider) => !Object.hasOwn(held, provider))
  return {
    id: mount.id,
    title: card.title,
    ...(card.description !== undefined && { description: card.description }),
    href: hrefOf(mount, deps),
    mayOpen: decision.allow,
    ...(!decision.allow && { because: decision.because }),
    missingAccounts: deps.identity.providers
      .filter(({ id, canConnect }) => canConnect && missing.includes(id))
      .map(({ id, label }) => ({ id, label })),
  }
}

/** A path at the portal; on a host of its own, the whole address. */
export function hrefOf({ host, prefix }: Mount, { hosts, publicUrl }: Pick<AppsDeps, 'hosts' | 'publicUrl'>): string {
  const appHost = host === undefined ? undefined : hosts.named(host)
  return appHost === undefined ? publicUrl.pathTo(prefix) : `${appHost.origin}${prefix}`
}
