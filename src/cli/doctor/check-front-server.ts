// A server in front that logs people in: whether it begins a login where the configuration says so, and whether whoever
// exchanges its hashes answers.

import { callbackPath } from '#identity'
import type { GatewayConfig } from '../../modules.ts'
import { ask } from '../probe/ask.ts'
import { messageOf } from '../probe/outcome.ts'
import { toPublicUrl } from '../probe/registration.ts'
import { tryService } from '../probe/try-service.ts'
import { type Finding, failure, ok, skipped, toFinding } from './finding.ts'

type Front = Extract<GatewayConfig['identity'][number], { readonly type: 'trusted-header' }>

export async function checkFrontServer(provider: Front, url: string | undefined): Promise<readonly Finding[]> {
  const { id, exchange } = provider
  const begins = await checkLoginUrl(provider, url)
  if (exchange === undefined) return [begins]
  return [begins, toFinding(`exchange ${id}`, await tryService({ url: exchange.url }))]
}

/** Asks as a browser would at the beginning of a login, and goes no further. */
async function checkLoginUrl({ id, loginUrl }: Front, url: string | undefined): Promise<Finding> {
  const check = `front server ${id}`
  if (loginUrl === undefined) return skipped(check, 'it says who somebody is without being asked')
  if (url === undefined) return skipped(check, 'without server.url nobody knows where it is')
  const address = new URL(loginUrl + encodeURIComponent(toPublicUrl(url, callbackPath(id))), url)
  const fix = 'let people reach the gateway through the front server, and correct `loginUrl` of the provider'
  try {
    const { status, headers } = await ask(address.href, { headers: { accept: 'text/html' } })
    // 200: it asks for the password itself, or for the identity provider.
    if (status === 200 || (status >= 300 && status < 400 && headers.location !== undefined))
      return ok(check, `it begins a login at ${loginUrl}`)
    return failure(check, `it does not begin a login at ${loginUrl} (${status})`, fix)
  } catch (error) {
    return failure(check, `it cannot be asked: ${messageOf(error)}`, fix)
  }
}
