// `graphql-transport-ws` as far as a gateway in front of it can see: the acknowledged start, a result for each operation.

import type { WebSocket } from 'ws'
import { graphqlResult } from './graphql-result.ts'

export const graphqlProtocol = 'graphql-transport-ws'

interface Message {
  readonly id?: string
  readonly type?: string
  readonly payload?: { readonly query?: string }
}

export function answerGraphqlMessage(webSocket: WebSocket, text: string): void {
  const send = (message: Message | object) => webSocket.send(JSON.stringify(message))
  const { id, type, payload }: Message = JSON.parse(text) as Message
  if (type === 'connection_init') send({ type: 'connection_ack' })
  else if (type === 'ping') send({ type: 'pong' })
  else if (type === 'subscribe') {
    send({ id, type: 'next', payload: graphqlResult(payload?.query ?? '') })
    send({ id, type: 'complete' })
  } else webSocket.close(4400, 'Invalid message')
}
