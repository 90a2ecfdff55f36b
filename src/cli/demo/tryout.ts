// The page on which to try a WebSocket and server-sent events through the gateway: three static files, read once.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { sendJson } from './received.ts'

const files: Readonly<Record<string, { readonly file: string; readonly contentType: string }>> = {
  '/tryout/': { file: 'index.html', contentType: 'text/html; charset=utf-8' },
  '/tryout/tryout.css': { file: 'tryout.css', contentType: 'text/css; charset=utf-8' },
  '/tryout/tryout.js': { file: 'tryout.js', contentType: 'text/javascript; charset=utf-8' },
}

const contents = new Map(
  Object.entries(files).map(([path, { file }]) => [path, readFileSync(new URL(`./tryout/${file}`, import.meta.url))]),
)

export function sendTryout(path: string, response: ServerResponse): void {
  const content = contents.get(path)
  const contentType = files[path]?.contentType
  if (content === undefined || contentType === undefined) {
    sendJson(response, 404, { title: 'There is no such file.' })
    return
  }
  response.writeHead(200, {
    'content-type': contentType,
    'content-security-policy': "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-cache',
  })
  response.end(content)
}
