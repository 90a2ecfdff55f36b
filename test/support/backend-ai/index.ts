// Stand-ins of the Backend.AI family for tests: see the README beside.

export type { ManagerAccount } from './accounts.ts'
export { isSignatureOf, parseAuthorization } from './hmac.ts'
export { type Manager, type ManagerOptions, startManager } from './manager.ts'
export { startGraphqlRouter, startPipeline } from './neighbours.ts'
