// The pages of the demo's own services: Eta templates (auto-escaping) in a frame without any script.
// They stand on the gateway's origin once proxied, so each carries a policy that lets nothing else load.

import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { Eta } from 'eta'

const read = (name: string): string => readFileSync(new URL(`./templates/${name}`, import.meta.url), 'utf8')

const style = read('style.css')
const styleHash = createHash('sha256').update(style).digest('base64')
const policy = `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

const eta = new Eta({ cache: true })
eta.loadTemplate('@frame', read('frame.eta'))
eta.loadTemplate('@received', read('received.eta'))

export function sendPage(
  response: ServerResponse,
  template: 'received',
  title: string,
  data: Readonly<Record<string, unknown>>,
): void {
  const main = eta.render(`@${template}`, data)
  response.writeHead(200, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  response.end(eta.render('@frame', { title, style, main }))
}
