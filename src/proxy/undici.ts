// The parts of undici that forward. With the whole package come fetch, caches, mocks and WebSockets, which nobody here
// uses: 7 MiB of memory at every start.

import type undici from 'undici'
import request from 'undici/lib/api/api-request.js'
import buildConnector from 'undici/lib/core/connect.js'
import errors from 'undici/lib/core/errors.js'
import Client from 'undici/lib/dispatcher/client.js'
import Pool from 'undici/lib/dispatcher/pool.js'

export { buildConnector, Client, errors, Pool }

export const requestOf = (
  dispatcher: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
): Promise<undici.Dispatcher.ResponseData> => request.call(dispatcher, options)
