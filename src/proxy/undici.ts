// The parts of undici that forward. With the whole package come fetch, caches, mocks and WebSockets, which nobody here
// uses: 7 MiB of memory at every start.

import { createRequire } from 'node:module'
import type undici from 'undici'

const require = createRequire(import.meta.url)

export const Pool = require('undici/lib/dispatcher/pool.js') as typeof undici.Pool
export type Pool = undici.Pool

export const Client = require('undici/lib/dispatcher/client.js') as typeof undici.Client

export const buildConnector = require('undici/lib/core/connect.js') as typeof undici.buildConnector

export const errors = require('undici/lib/core/errors.js') as typeof undici.errors

type Request = (
  this: undici.Dispatcher,
  options: undici.Dispatcher.RequestOptions,
) => Promise<undici.Dispatcher.ResponseData>
const requestHere = require('undici/lib/api/api-request.js') as Request

/** `client.request`, which only the whole package hangs on its clients. */
export const requestOf = (
  client: undici.Client,
  options: undici.Dispatcher.RequestOptions,
): Promise<undici.Dispatcher.ResponseData> => requestHere.call(client, options)
