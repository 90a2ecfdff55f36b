// What a token may be used for, in words for the people who choose. Scopes narrow what the person may do; none widens it.

export interface ScopeText {
  readonly scope: string
  readonly title: string
  readonly description: string
}

/** In the order in which they are offered. `service:ID` stands for one service, by its id. */
export const SCOPES: readonly ScopeText[] = [
  {
    scope: 'services',
    title: 'Use every service',
    description: 'Call all services that you may use yourself, now and later.',
  },
  {
    scope: 'service:ID',
    title: 'Use one service',
    description: 'Call the service of this id, as far as you may use it yourself.',
  },
  {
    scope: 'self:read',
    title: 'Read what is yours here',
    description: 'See your name, your groups and your settings at this front door. Nothing can be changed with it.',
  },
  {
    scope: 'self:write',
    title: 'Change what is yours here',
    description: 'Change your settings at this front door. Never sessions, tokens or the accounts that are connected.',
  },
  {
    scope: 'admin',
    title: 'Administer this front door',
    description: 'Do what administrators do over the API. Only as long as you are one.',
  },
]

const ANY = new Set(SCOPES.map(({ scope }) => scope).filter((scope) => scope !== 'service:ID'))
const ONE_SERVICE = /^service:[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/

export const isScope = (text: string): boolean => ANY.has(text) || ONE_SERVICE.test(text)
