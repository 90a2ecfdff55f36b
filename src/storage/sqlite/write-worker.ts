// The worker thread in which this process writes: one connection, one request at a time. Started by `write-channel.ts`.

import { parentPort, workerData } from 'node:worker_threads'
import { openConnection } from './open-connection.ts'
import { createWriteEngine, type WriteRequest } from './write-engine.ts'

const { location } = workerData as { readonly location: string }
const database = openConnection({ location, readOnly: false })
const serve = createWriteEngine(database)

parentPort?.on('message', (request: WriteRequest | 'close') => {
  if (request === 'close') {
    database.close()
    parentPort?.close()
  } else {
    // What fails is part of the reply: this never rejects.
    void serve(request).then((reply) => parentPort?.postMessage(reply))
  }
})
