// The calls of the Web UI, with its headers: the session's id is kept in localStorage and sent beside the cookie.

import { encodeBody } from './encoded-body.js'

const storageKey = 'backendaiwebui.sessionid'

export const forgetSession = () => localStorage.removeItem(storageKey)

/** @param endpoint as config.toml says */
export function createClient(endpoint) {
  let version

  const headersOf = (more) => {
    const session = localStorage.getItem(storageKey)
    return {
      'Content-Type': 'application/json',
      'X-BackendAI-Date': new Date().toISOString(),
      ...(version && { 'X-BackendAI-Version': version }),
      ...(session && { 'X-BackendAI-SessionID': session }),
      ...more,
    }
  }

  const send = async (method, path, { body, headers } = {}) => {
    const sent = { method, body, headers: headersOf(headers), credentials: 'include' }
    const response = await fetch(endpoint + path, sent)
    const session = response.headers.get('X-BackendAI-SessionID')
    if (session) localStorage.setItem(storageKey, session)
    const isJson = /^application\/(problem\+)?json/.test(response.headers.get('Content-Type') ?? '')
    return { status: response.status, isOk: response.ok, body: isJson ? await response.json() : undefined }
  }

  const post = (path, body) => send('POST', path, { body: JSON.stringify(body) })

  return {
    endpoint,
    post,
    postEncoded: async (path, body) =>
      send('POST', path, {
        body: await encodeBody(endpoint, JSON.stringify(body)),
        headers: { 'X-BackendAI-Encoded': 'true' },
      }),
    /** @returns what the Manager is; undefined if there is none */
    async findManager() {
      // The original sends these two as headers by mistake, and cross-origin checks must let them pass.
      const headers = { credentials: 'include', mode: 'cors' }
      const { isOk, body } = await send('GET', '/func/', { headers }).catch(() => ({ isOk: false }))
      if (!isOk || !body?.version || !body.manager) return undefined
      version = body.version
      return body
    },
    query: async (query) => (await post('/func/admin/gql', { query, variables: {} })).body?.data ?? {},
    /** With cookies only: an EventSource cannot have headers. */
    watchTask: (task) =>
      new EventSource(`${endpoint}/func/events/background-task?task_id=${encodeURIComponent(task)}`, {
        withCredentials: true,
      }),
  }
}
