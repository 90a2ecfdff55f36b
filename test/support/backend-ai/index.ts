// Stand-ins of the Backend.AI family for tests: see the README beside.

export { isSignatureOf, parseAuthorization } from '../../../src/cli/demo/manager/hmac.ts'
export type { ManagerAccount } from './accounts.ts'
export { defaultAccounts, type Manager, type ManagerOptions, startManager } from './manager.ts'
export { type GraphqlRouter, startGraphqlRouter, startPipeline } from './neighbours.ts'
export type { ReceivedRequest } from './received-request.ts'
export { type Answer, ask, type Sent } from './signed-client.ts'
export type { StandIn } from './stand-in.ts'
