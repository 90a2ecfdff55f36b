// The API reference, from the same schemas that check requests and answers. Written to `openapi.json` by `make check`.

import { z } from 'zod'
import type { CatalogueEntry } from '#kernel'
import { defineRoute, type Route } from './route.ts'

export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: { readonly title: string; readonly version: string; readonly description: string }
  readonly servers: readonly { readonly url: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: Readonly<Record<string, unknown>>
}

export interface Operation {
  readonly summary: string
  readonly tags: readonly string[]
  readonly operationId: string
  readonly security: readonly unknown[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: unknown
  readonly responses: Readonly<Record<string, unknown>>
}

export interface Parameter {
  readonly name: string
  readonly in: 'path' | 'query'
  readonly required: boolean
  readonly description?: string
  readonly schema: unknown
}

/** @param basePath where the API is served, without a slash at the end. */
export function createOpenApi(routes: readonly Route[], basePath: string, version: string): OpenApiDocument {
  const paths: Record<string, Record<string, Operation>> = {}
  for (const route of routes) {
    if (route.summary === undefined) continue
    const path = route.path.replace(/:([A-Za-z]+)/g, '{$1}')
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describeRoute(route, route.summary) }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Gatehouse',
      version,
      description: 'The API of the front door: who am I, my sessions, administration.',
    },
    servers: [{ url: basePath === '' ? '/' : basePath }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: '__Host-gatehouse' },
        token: { type: 'http', scheme: 'bearer', description: 'A token of the right scope.' },
      },
      schemas: { Problem: z.toJSONSchema(problem) },
    },
  }
}

/** What every error looks like (RFC 9457). */
export const problem = z.object({
  type: z.string().describe('Where this kind of error is explained.'),
  title: z.string().describe('What happened.'),
  status: z.int().describe('The HTTP status.'),
  detail: z.string().describe('Why it happened this time.'),
  code: z.string().describe('A stable name: `session.expired`.'),
  hint: z.string().describe('What to do about it.'),
  errorId: z.string().describe('Names this occurrence in the log.'),
})

/** The reference as JSON and as a page; `errors` are the catalogues of all features. */
export function createDocsRoutes(document: () => OpenApiDocument, errors: readonly CatalogueEntry[]): readonly Route[] {
  return [
    defineRoute({
      method: 'GET',
      path: '/api/v1/openapi.json',
      routeClass: 'public',
      access: 'public',
      summary: 'This reference, as OpenAPI 3.1.',
      output: { 200: z.record(z.string(), z.unknown()) },
      handle: () => ({ kind: 'json', status: 200, body: document() }),
    }),
    defineRoute({
      method: 'GET',
      path: '/docs',
      routeClass: 'public',
      access: 'public',
      handle: () => ({
        kind: 'page',
        status: 200,
        page: {
          template: 'docs',
          title: 'API',
          data: { document: document(), operations: listOperations(document()) },
        },
      }),
    }),
    defineRoute({
      method: 'GET',
      path: '/docs/errors',
      routeClass: 'public',
      access: 'public',
      handle: () => ({
        kind: 'page',
        status: 200,
        page: {
          template: 'docs-errors',
          title: 'Errors',
          data: { errors: [...errors].sort((a, b) => (a.code < b.code ? -1 : 1)) },
        },
      }),
    }),
  ]
}

const listOperations = (document: OpenApiDocument) =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ ...operation, path, method: method.toUpperCase() })),
  )

function describeRoute(route: Route, summary: string): Operation {
  const parameters = [...parametersOf('path', route.params), ...parametersOf('query', route.query)]
  return {
    summary,
    tags: [route.path.split('/')[3] ?? 'service'],
    operationId: `${route.method.toLowerCase()}${route.path.replace(/[^A-Za-z0-9]+(.)?/g, (_all, next: string | undefined) => next?.toUpperCase() ?? '')}`,
    security: securityOf(route),
    ...(parameters.length > 0 && { parameters }),
    ...(route.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: toJsonSchema(route.body, 'input') } } },
    }),
    responses: {
      ...Object.fromEntries(
        Object.entries(route.output ?? {}).map(([status, schema]) => [status, describeOutput(schema)]),
      ),
      ...(route.output === undefined && { 204: { description: 'Done.' } }),
      default: {
        description: 'What went wrong.',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}

/** Any of these is enough. */
function securityOf({ access, sessionOnly, recentLogin }: Route): Operation['security'] {
  if (access === 'public') return []
  return sessionOnly === true || recentLogin === true ? [{ session: [] }] : [{ session: [] }, { token: [] }]
}

const describeOutput = (schema: z.ZodType) => ({
  description: schema.description ?? 'Success.',
  content: { 'application/json': { schema: toJsonSchema(schema, 'output') } },
})

function parametersOf(place: 'path' | 'query', schema: z.ZodType | undefined): readonly Parameter[] {
  if (schema === undefined) return []
  const { properties = {}, required = [] } = toJsonSchema(schema, 'input') as {
    readonly properties?: Readonly<Record<string, { readonly description?: string }>>
    readonly required?: readonly string[]
  }
  return Object.entries(properties).map(([name, property]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(property.description !== undefined && { description: property.description }),
    schema: property,
  }))
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): unknown {
  const { $schema: _dialect, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' })
  return rest
}
