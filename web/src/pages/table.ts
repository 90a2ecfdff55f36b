// Every page of the portal: a line each. The router and the navigation are made from it; who may use a page is said by the
// server (`pages` of GET /api/v1/portal), and every page's API checks again.

import type { ComponentType } from 'react'
import type { IconName } from '../parts/icons.tsx'

export interface PageEntry {
  /** In the words `page.NAME` of the shell. */
  readonly name: string
  readonly path: string
  /** Where the navigation lists it; absent: not there. */
  readonly group?: 'main' | 'settings' | 'admin'
  /** The name in `pages` of the server that allows it. */
  readonly needs: string
  readonly icon: IconName
  readonly load: () => Promise<ComponentType>
}

// biome-ignore format: a table
export const pageTable: readonly PageEntry[] = [
  { name: 'home', path: '/', group: 'main', needs: 'home', icon: 'home', load: async () => (await import('./home/home-page.tsx')).HomePage },
  { name: 'apps', path: '/apps', group: 'main', needs: 'apps', icon: 'apps', load: async () => (await import('./apps/apps-page.tsx')).AppsPage },
  { name: 'hubs', path: '/hubs', group: 'main', needs: 'hubs', icon: 'branch', load: async () => (await import('./hubs/hubs-page.tsx')).HubsPage },
  { name: 'profile', path: '/settings/profile', group: 'settings', needs: 'profile', icon: 'person', load: async () => (await import('./settings/profile-page.tsx')).ProfilePage },
  { name: 'appearance', path: '/settings/appearance', group: 'settings', needs: 'appearance', icon: 'look', load: async () => (await import('./settings/appearance-page.tsx')).AppearancePage },
  { name: 'accounts', path: '/settings/accounts', group: 'settings', needs: 'accounts', icon: 'link', load: async () => (await import('./settings/accounts-page.tsx')).AccountsPage },
  { name: 'sessions', path: '/settings/sessions', group: 'settings', needs: 'sessions', icon: 'screen', load: async () => (await import('./settings/sessions-page.tsx')).SessionsPage },
  { name: 'tokens', path: '/settings/tokens', group: 'settings', needs: 'tokens', icon: 'key', load: async () => (await import('./settings/tokens-page.tsx')).TokensPage },
  { name: 'overview', path: '/admin', group: 'admin', needs: 'admin', icon: 'chart', load: async () => (await import('./admin/overview-page.tsx')).OverviewPage },
  { name: 'people', path: '/admin/users', group: 'admin', needs: 'admin', icon: 'people', load: async () => (await import('./admin/people-page.tsx')).PeoplePage },
  { name: 'groups', path: '/admin/groups', group: 'admin', needs: 'admin', icon: 'link', load: async () => (await import('./admin/groups-page.tsx')).GroupsPage },
  { name: 'allSessions', path: '/admin/sessions', group: 'admin', needs: 'admin', icon: 'screen', load: async () => (await import('./admin/sessions-page.tsx')).SessionsPage },
  { name: 'personTokens', path: '/admin/tokens', group: 'admin', needs: 'admin', icon: 'key', load: async () => (await import('./admin/person-tokens-page.tsx')).PersonTokensPage },
  { name: 'services', path: '/admin/service-accounts', group: 'admin', needs: 'admin', icon: 'key', load: async () => (await import('./admin/service-accounts-page.tsx')).ServiceAccountsPage },
  { name: 'upstreams', path: '/admin/services', group: 'admin', needs: 'admin', icon: 'server', load: async () => (await import('./admin/upstreams-page.tsx')).UpstreamsPage },
  { name: 'policy', path: '/admin/policy', group: 'admin', needs: 'admin', icon: 'shield', load: async () => (await import('./admin/policy-page.tsx')).PolicyPage },
  { name: 'audit', path: '/admin/audit', group: 'admin', needs: 'admin', icon: 'list', load: async () => (await import('./admin/audit-page.tsx')).AuditPage },
  { name: 'help', path: '/help', needs: 'help', icon: 'help', load: async () => (await import('./help/help-page.tsx')).HelpPage },
]

const GROUPS = ['main', 'settings', 'admin'] as const

export interface NavigationGroup {
  readonly group: (typeof GROUPS)[number]
  readonly entries: readonly PageEntry[]
}

/** @param allowed names of pages, as the server says. */
export const navigationFor = (allowed: readonly string[]): readonly NavigationGroup[] =>
  GROUPS.map((group) => ({
    group,
    entries: pageTable.filter((page) => page.group === group && allowed.includes(page.needs)),
  })).filter(({ entries }) => entries.length > 0)
