// Where the demo's OpenID provider keeps its sessions, codes and tokens: a map per provider, gone when it stops.

import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider'

interface Entry {
  readonly payload: AdapterPayload
  readonly endsAt: number
}

/** One store for all models of one provider. */
export function createMemoryAdapter(): AdapterFactory {
  const entries = new Map<string, Entry>()
  return (model) => createModelAdapter(entries, `${model}:`)
}

function createModelAdapter(entries: Map<string, Entry>, prefix: string): Adapter {
  const find = (id: string): AdapterPayload | undefined => {
    const entry = entries.get(prefix + id)
    if (entry === undefined || entry.endsAt > Date.now()) return entry?.payload
    entries.delete(prefix + id)
    return undefined
  }

  const findWhere = (name: 'uid' | 'userCode', value: string): AdapterPayload | undefined => {
    for (const [key, { payload }] of entries) {
      if (key.startsWith(prefix) && payload[name] === value) return find(key.slice(prefix.length))
    }
    return undefined
  }

  return {
    upsert: async (id, payload, expiresIn) => {
      const endsAt = expiresIn === undefined ? Number.POSITIVE_INFINITY : Date.now() + expiresIn * 1000
      entries.set(prefix + id, { payload, endsAt })
    },
    find: async (id) => find(id),
    findByUid: async (uid) => findWhere('uid', uid),
    findByUserCode: async (userCode) => findWhere('userCode', userCode),
    consume: async (id) => {
      const payload = find(id)
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000)
    },
    destroy: async (id) => {
      entries.delete(prefix + id)
    },
    revokeByGrantId: async (grantId) => {
      for (const [key, { payload }] of entries) {
        if (key.startsWith(prefix) && payload.grantId === grantId) entries.delete(key)
      }
    },
  }
}
