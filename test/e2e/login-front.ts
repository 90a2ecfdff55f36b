// A server in front that logs people in on a form of its own and passes everything on: Apache with mod_auth_form. It alone
// knows the secret with which the gateway believes its headers; a browser never meets it.

import { createHash } from 'node:crypto'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Apache, type Missing, startApache } from '../support/programs.ts'

export interface LoginFrontOptions {
  /** What people open. */
  readonly port: number
  /** Where the gateway listens: `127.0.0.1:PORT`. */
  readonly gateway: string
  /** The one address on which it wants a login. */
  readonly callbackPath: string
  readonly subjectHeader: string
  readonly secret: string
  /** Who has an account there. */
  readonly account: { readonly username: string; readonly password: string }
}

// biome-ignore format: what passes requests on and what logs people in
const MODULES = [
  'proxy', 'proxy_http', 'request', 'session', 'session_cookie',
  'authn_core', 'authn_file', 'authz_user', 'auth_form',
]

const FORM = [
  "<!doctype html><html lang='en'><title>Federation</title><h1>Federation</h1><form method='post'>",
  "<label>Federation name <input name='httpd_username'></label>",
  "<label>Federation password <input name='httpd_password' type='password'></label>",
  '<button>Go on</button></form>',
].join('')

export function startLoginFront(options: LoginFrontOptions): Promise<Apache | Missing> {
  const { port, gateway, callbackPath, subjectHeader, secret, account } = options
  return startApache({ modules: MODULES, port }, ({ directory }) => {
    const people = join(directory, 'people')
    // Its workers read it as a user of their own.
    chmodSync(directory, 0o755)
    writeFileSync(people, `${account.username}:{SHA}${createHash('sha1').update(account.password).digest('base64')}\n`)
    return `
      ProxyPreserveHost On
      AllowEncodedSlashes NoDecode
      ProxyPass / http://${gateway}/ nocanon
      RequestHeader set X-Forwarded-Proto http
      RequestHeader unset X-Gatehouse-Front early
      <Location "${callbackPath}">
        AuthType form
        AuthName front
        AuthFormProvider file
        AuthUserFile ${people}
        AuthFormLoginSuccessLocation "%{REQUEST_URI}?%{QUERY_STRING}"
        ErrorDocument 401 "${FORM}"
        Session On
        SessionCookieName front path=/
        Require valid-user
        RequestHeader set ${subjectHeader} "expr=%{REMOTE_USER}"
        RequestHeader set X-Gatehouse-Front ${secret}
      </Location>`
  })
}
