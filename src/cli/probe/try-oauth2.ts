// Whether the addresses of a provider that speaks OAuth 2.0 alone are what they are taken for, short of a login: such a
// provider publishes nothing that could be read instead. For `init` and `doctor`.

import { randomToken, type Secret } from '#kernel'
import { ask, type Question, type Reply } from './ask.ts'
import { bad, good, messageOf, type Outcome } from './outcome.ts'
import { readJson } from './read-json.ts'

export interface OAuth2Client {
  readonly tokenUrl: string
  readonly clientId: string
  readonly clientSecret?: Secret | undefined
  readonly clientAuthentication: 'basic' | 'post'
}

/** Any answer of a login page will do but that there is none: it may want more than we say here. */
export const tryAuthorizationUrl = (url: string): Promise<Outcome> =>
  tryCall(url, { headers: { accept: 'text/html' } }, ({ status }) => {
    if (status === 404 || status === 405) return bad(`there is no login page at ${url} (${status})`, CORRECT)
    return status >= 500 ? inTrouble(url, status) : good(`${url} answers (${status})`)
  })

/** Offers a code that nobody has: who takes the client says that the code is wrong (RFC 6749 §5.2). */
export function tryTokenUrl({
  tokenUrl,
  clientId,
  clientSecret,
  clientAuthentication,
}: OAuth2Client): Promise<Outcome> {
  const isBasic = clientSecret !== undefined && clientAuthentication === 'basic'
  const form = {
    grant_type: 'authorization_code',
    code: randomToken(32),
    redirect_uri: 'https://gatehouse.invalid/',
    code_verifier: randomToken(32),
    ...(!isBasic && { client_id: clientId }),
    ...(clientSecret !== undefined && !isBasic && { client_secret: clientSecret.reveal() }),
  }
  const headers = {
    accept: 'application/json',
    'content-type': 'application/x-www-form-urlencoded',
    ...(isBasic && { authorization: toBasic(clientId, clientSecret) }),
  }
  const question = { method: 'POST', headers, body: new URLSearchParams(form).toString() }
  return tryCall(tokenUrl, question, (reply) => judgeTokens(tokenUrl, reply))
}

/** Brings a token that nobody has. */
export const tryUserinfoUrl = (url: string): Promise<Outcome> =>
  tryCall(url, { headers: { accept: 'application/json', authorization: `Bearer ${randomToken(32)}` } }, (reply) => {
    const { status } = reply
    if (status === 404 || status === 405) return bad(`there is nothing at ${url} (${status})`, CORRECT)
    if (status >= 500) return inTrouble(url, status)
    if (status >= 300 && status < 400) return bad(`${url} leads elsewhere (${status}): it is a page, no API`, CORRECT)
    if (status !== 200) return good(`${url} refuses a token that nobody has (${status})`)
    return readJson(reply) !== undefined
      ? bad(`${url} answers 200 to a token that nobody has: it cannot say whose a token is`, CORRECT)
      : bad(`${url} answers 200 without JSON: it is a page, no API`, CORRECT)
  })

const CORRECT = 'correct the address, as the provider documents it'

const inTrouble = (url: string, status: number): Outcome =>
  bad(`${url} is in trouble (${status})`, 'ask whoever runs the provider')

async function tryCall(url: string, question: Question, judge: (reply: Reply) => Outcome): Promise<Outcome> {
  try {
    return judge(await ask(url, question))
  } catch (error) {
    return bad(`${url} does not answer: ${messageOf(error)}`, 'correct the address, or let this machine reach it')
  }
}

function judgeTokens(url: string, reply: Reply): Outcome {
  const { status } = reply
  if (status === 404 || status === 405) return bad(`there is nothing at ${url} that takes a code (${status})`, CORRECT)
  if (status >= 500) return inTrouble(url, status)
  const error = errorIn(readJson(reply))
  if (error !== undefined ? REFUSED_CLIENT.test(error) : status === 401)
    return bad(
      `${url} does not take the client id and its secret (${error ?? status})`,
      'compare both with what the provider gave; if they are right, it may want them in the form: clientAuthentication: post',
    )
  return error === undefined
    ? bad(`${url} answers ${status} to a code, and not as a token endpoint does (RFC 6749 §5.2)`, CORRECT)
    : good(`${url} takes the client, and refuses a code that nobody has (${error})`)
}

/** The standard's words, and GitHub's. */
const REFUSED_CLIENT = /^(?:invalid_client|unauthorized_client|incorrect_client_credentials)$/

/** Only what is made as the standard says an error is (RFC 6749 §5.2): it is shown. */
function errorIn(answer: unknown): string | undefined {
  const { error } = typeof answer === 'object' && answer !== null && 'error' in answer ? answer : { error: undefined }
  return typeof error === 'string' && /^[\w.-]{1,64}$/.test(error) ? error : undefined
}

/** RFC 6749 §2.3.1. */
const toBasic = (clientId: string, secret: Secret): string =>
  `Basic ${Buffer.from(`${formEncode(clientId)}:${formEncode(secret.reveal())}`).toString('base64')}`

const formEncode = (text: string): string => new URLSearchParams({ x: text }).toString().slice('x='.length)
