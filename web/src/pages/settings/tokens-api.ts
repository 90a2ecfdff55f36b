// Access tokens for programs, as the API has them.

import type { paths } from '../../api/generated/openapi.ts'

type Tokens = paths['/api/v1/tokens']
type Scopes = paths['/api/v1/tokens/scopes']

export type Token = Tokens['get']['responses'][200]['content']['application/json']['tokens'][number]
/** One that is good, in the list of its owner or of an administrator, whom nobody reminds of its end. */
export type ListedToken = Omit<Token, 'endsSoon'> & Partial<Pick<Token, 'endsSoon'>>
export type EndedToken =
  paths['/api/v1/tokens/ended']['get']['responses'][200]['content']['application/json']['tokens'][number]
export type NewToken = Tokens['post']['requestBody']['content']['application/json']
/** With the secret, which is shown this once. */
export type Minted = Tokens['post']['responses'][201]['content']['application/json']
export type Scope = Scopes['get']['responses'][200]['content']['application/json']['scopes'][number]

/** Stands in the list for one of each service. */
export const ONE_SERVICE = 'service:ID'

export const tokensKey = ['tokens'] as const
