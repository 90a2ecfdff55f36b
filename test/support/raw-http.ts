// Sends bytes as they are and reads what comes back: for messages that no well-behaved client would send.

import { connect } from 'node:net'

export interface RawAnswer {
  /** Of the first response; 0 if the connection was closed without one. */
  readonly status: number
  /** Everything that came back until the other side closed. */
  readonly text: string
}

/** Writes `bytes` and collects the answer until the server closes, or until `until` matches what has come. */
export function sendRaw(port: number, bytes: string | Uint8Array, until?: RegExp): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    const finish = () => {
      socket.destroy()
      resolve({ status: Number(/^HTTP\/1\.1 (\d{3})/.exec(text)?.[1] ?? 0), text })
    }
    socket.setEncoding('latin1')
    socket.on('data', (chunk: string) => {
      text += chunk
      if (until?.test(text)) finish()
    })
    socket.once('close', finish)
    socket.once('error', reject)
  })
}
