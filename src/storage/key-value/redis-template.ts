// The client of which every connection is a copy, because the library builds a class with a method for every command of
// Redis for each client that is no copy: 30 ms.

import { createClient } from 'redis'

export type Template = ReturnType<typeof createTemplate>

export function createTemplate() {
  return createClient({
    RESP: 3,
    name: 'gatehouse',
    disableClientInfo: true,
    disableOfflineQueue: true,
    maintNotifications: 'disabled',
    // Our own limits; the client's cost a signal for each command and end with the writing.
    commandOptions: { timeout: 0 },
  })
}
