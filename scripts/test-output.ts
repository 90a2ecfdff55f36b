// Imported by the process of a test file, which is made to exit once its tests are through (`test-file.ts`): Node does not
// wait then for what a busy reader has not taken yet, and those results would be lost. So each is written before it goes on.

import { isMainThread } from 'node:worker_threads'

interface Handle {
  /** Of libuv; on Windows, and of files, it is so already. */
  setBlocking?(isBlocking: boolean): void
}

if (isMainThread) (process.stdout as { readonly _handle?: Handle })._handle?.setBlocking?.(true)
