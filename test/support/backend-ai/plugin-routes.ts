// Routes of a Manager's plugins, which prove identity in their own way and are open to anyone: single sign-on, and others
// that show back what came.

import { badParameters, sendProblem } from './answers.ts'
import { echoRoute } from './echo.ts'
import type { ManagerState } from './manager-state.ts'
import { at, type Exchange, type Route } from './route.ts'

export const pluginRoutes = (state: ManagerState): readonly Route[] => [
  signInRoute(state, '/saml/login'),
  signInRoute(state, '/openid/login'),
  ...['/cloud/{...}', '/custom-auth/{...}', '/saml/{...}', '/openid/{...}', '/totp/{...}'].map((path) =>
    echoRoute(at(path), 'anyone'),
  ),
]

/** Trusts at once: sends the browser back with the token of the first person who has one. */
const signInRoute = ({ accounts }: ManagerState, path: string): Route => ({
  name: `POST ${path}`,
  methods: ['POST'],
  path: at(path),
  access: 'anyone',
  async answer(exchange) {
    const backTo = await readRedirectTo(exchange)
    const token = accounts.find(({ signInToken }) => signInToken !== undefined)?.signInToken
    if (backTo === undefined || token === undefined) {
      return sendProblem(exchange.response, badParameters('redirect_to, and a person with a token, are needed.'))
    }
    backTo.searchParams.set('sToken', token)
    exchange.response.writeHead(302, { Location: backTo.href, 'Content-Length': 0 })
    exchange.response.end()
  },
})

async function readRedirectTo({ request }: Exchange): Promise<URL | undefined> {
  const form = new URLSearchParams((await request.body.whole()).toString())
  return URL.parse(form.get('redirect_to') ?? '') ?? undefined
}
