// The pages of the demo's OpenID provider: login, logout, messages; in the frame of the demo's services, without script.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { Eta } from 'eta'

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

const style = read('../templates/style.css') + read('./templates/form.css')
const eta = new Eta({ cache: true })
eta.loadTemplate('@frame', read('../templates/frame.eta'))
for (const name of ['login', 'logout', 'message']) eta.loadTemplate(`@${name}`, read(`./templates/${name}.eta`))

export const renderPage = (
  template: 'login' | 'logout' | 'message',
  title: string,
  data: Readonly<Record<string, unknown>>,
): string => eta.render('@frame', { title, style, main: eta.render(`@${template}`, data) })

export function sendPage(response: ServerResponse, status: number, html: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    // No form-action: browsers apply it to the redirects after the form, and these lead back to the client.
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
  })
  response.end(html)
}
