// The session cookie as a browser gets it, through whatever stands in front.

import type { GatewayConfig } from '../../modules.ts'
import { ask } from '../probe/ask.ts'
import { type Finding, failure, ok } from './finding.ts'

/** Logging out without a session takes the cookie away: with the name and the flags that a login gives it. */
export async function checkCookie(url: string, { server }: GatewayConfig): Promise<Finding> {
  const { status, headers } = await ask(`${url}/auth/logout`, {
    method: 'POST',
    headers: { origin: new URL(url).origin },
  })
  const [cookie] = headers['set-cookie'] ?? []
  if (cookie === undefined) {
    const fix = 'see that server.url is what people open, and that the proxy in front passes Set-Cookie and Origin on'
    return failure('cookie', `no cookie comes with the answer (${status})`, fix)
  }
  const [pair = '', ...flags] = cookie.split(/;\s*/)
  const has = (flag: string): boolean => flags.some((each) => each.toLowerCase() === flag)
  const faults = [
    ...(has('httponly') ? [] : ['HttpOnly is missing']),
    ...(has('samesite=lax') ? [] : ['SameSite is not Lax']),
    ...(has('path=/') ? [] : ['Path is not /']),
    ...(flags.some((flag) => /^domain=/i.test(flag)) ? ['it has a Domain'] : []),
    ...(server.dangerouslyPlainCookie || (has('secure') && pair.startsWith('__Host-'))
      ? []
      : ['it is not Secure with the prefix __Host-']),
  ]
  if (faults.length === 0)
    return ok('cookie', `${pair.split('=', 1)[0]}: ${flags.filter((flag) => !/^max-age/i.test(flag)).join(', ')}`)
  const fix =
    'take rules that rewrite cookies out of the proxy in front (nginx: proxy_cookie_path, proxy_cookie_domain)'
  return failure('cookie', `the cookie is changed on its way: ${faults.join(', ')}`, fix)
}
