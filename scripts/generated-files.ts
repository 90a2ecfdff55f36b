// Every committed file that is made from code, by hand in one list. `scripts/generate.ts` writes and checks them.

import { createRequire } from 'node:module'
import { loadConfig, toJsonSchema, toReferenceMarkdown, toSampleYaml } from '#config'
import { errorCatalogue } from '../src/error-catalogue.ts'
import { createGateway } from '../src/gateway.ts'
import { configSchema } from '../src/modules.ts'

export interface GeneratedFile {
  /** From the root of the tree. */
  readonly file: string
  /** The whole text; the same each time for the same sources. */
  readonly produce: () => string | Promise<string>
}

export const generatedFiles: readonly GeneratedFile[] = [
  { file: 'docs/reference/configuration.md', produce: () => toReferenceMarkdown(configSchema) },
  { file: 'docs/reference/errors.md', produce: describeErrors },
  { file: 'docs/reference/gatehouse.schema.json', produce: () => toText(toJsonSchema(configSchema)) },
  { file: 'config.example.yaml', produce: () => toSampleYaml(configSchema, 'docs/reference/gatehouse.schema.json') },
  { file: 'openapi.json', produce: readOpenApi },
  { file: 'web/src/api/generated/openapi.ts', produce: describeApiTypes },
]

const toText = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function describeErrors(): string {
  const rows = errorCatalogue
    .toSorted((a, b) => (a.code < b.code ? -1 : 1))
    .map(({ code, status, title, hint }) => `| \`${code}\` | ${status} | ${title} | ${hint} |`)
  return [
    '# Errors',
    '',
    'Every error has a code that does not change, a sentence about the occurrence, a hint, and an id that names it in the log.',
    'Programs get it as `application/problem+json` (RFC 9457), people as a page.',
    '',
    '| code | HTTP | what happened | what to do |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n')
}

/** Asks a gateway, so that the file is what people get. */
async function readOpenApi(): Promise<string> {
  const text =
    'server: { listen: 127.0.0.1:0 }\ntelemetry: { metrics: false }\nstorage: { sql: { type: memory }, keyValue: { type: memory } }'
  const loaded = loadConfig({ files: [{ name: 'openapi', text }], env: {}, schema: configSchema, cwd: '/' })
  if (!loaded.ok) throw new Error('the configuration for reading the API reference is wrong')
  const gateway = createGateway({ config: loaded.config, logSink: () => undefined })
  const { url } = await gateway.start()
  const answer = await fetch(`${url}/api/v1/openapi.json`)
  const document: unknown = await answer.json()
  await gateway.stop()
  return toText(document)
}

/** For the portal, which knows the API by these types only. */
async function describeApiTypes(): Promise<string> {
  // A package of the workspace, with a compiler of its own beside it.
  const { default: toTypes, astToString } = createRequire(new URL('../web/', import.meta.url))('openapi-typescript')
  const types: unknown = await toTypes(JSON.parse(await readOpenApi()))
  return `// Made from openapi.json by scripts/generate.ts.\n\n${astToString(types)}`
}
