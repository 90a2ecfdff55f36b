// A page that calls as the Backend.AI Web UI does, for tests in a browser: see the README of the folder above.

import { fileURLToPath } from 'node:url'

/** Files to be served as they are, from `/`. */
export const webUiDirectory = fileURLToPath(new URL('./site/', import.meta.url))
