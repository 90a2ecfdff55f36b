// Writes down when a token was last used and from where: once a minute at most, and nobody waits for it. An address that
// the token has not come from last time goes to the audit log.

import type { RequestContext } from '#http'
import type { Clock } from '#kernel'
import type { Audit } from '#telemetry'
import type { LiveToken } from './token-reader.ts'
import type { TokenStore } from './token-store.ts'

export interface TokenUse {
  note(ctx: RequestContext, live: LiveToken): void
  /** Resolves when nothing is being written any more. */
  settled(): Promise<void>
}

export interface TokenUseDeps {
  readonly clock: Clock
  readonly store: Pick<TokenStore, 'noteUse'>
  readonly audit: Audit
}

const QUIET_MS = 60_000
const MAX_NOTED = 20_000

interface Noted {
  readonly at: number
  readonly from: string | undefined
}

export function createTokenUse({ clock, store, audit }: TokenUseDeps): TokenUse {
  const noted = new Map<string, Noted>()
  const writing = new Set<Promise<void>>()

  const lastUse = ({ token }: LiveToken): Noted =>
    noted.get(token.id) ?? { at: token.lastUsedAt ?? Number.NEGATIVE_INFINITY, from: token.lastUsedFrom }

  const remember = (id: string, use: Noted): void => {
    noted.delete(id)
    noted.set(id, use)
    const [oldest] = noted.keys()
    if (noted.size > MAX_NOTED && oldest !== undefined) noted.delete(oldest)
  }

  const write = async (
    ctx: RequestContext,
    { token }: LiveToken,
    from: string,
    isElsewhere: boolean,
  ): Promise<void> => {
    try {
      await store.noteUse(token.id, { at: clock.now(), from })
      if (!isElsewhere) return
      await audit.record({
        action: 'token.use',
        outcome: 'success',
        userId: token.userId,
        address: from,
        requestId: ctx.id,
        subject: token.id,
        detail: { name: token.name, kind: token.kind },
      })
    } catch (error) {
      ctx.log.warn({ event: 'token_use_unwritten', err: error }, 'the last use of a token could not be written down')
    }
  }

  return Object.freeze({
    note(ctx: RequestContext, live: LiveToken) {
      const last = lastUse(live)
      const at = clock.now()
      if (at - last.at < QUIET_MS) return
      const from = ctx.client.address
      remember(live.token.id, { at, from })
      const written = write(ctx, live, from, from !== last.from).finally(() => writing.delete(written))
      writing.add(written)
    },
    async settled() {
      await Promise.all(writing)
    },
  })
}
