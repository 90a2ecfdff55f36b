export { type Clock, sleep, systemClock } from './clock.ts'
export {
  type CatalogueEntry,
  defineErrors,
  type ErrorOccurrence,
  type ErrorSpec,
  GatewayError,
  type GatewayErrorInit,
} from './errors.ts'
export { createEvents, type Events } from './events.ts'
export { type Branded, newId, randomToken, type UserId } from './ids.ts'
export { createLifecycle, type Lifecycle, type NamedPart, orderByRequirement } from './lifecycle.ts'
export { defineModule, type HealthReport, type Module, type OutputOf, type Part, type Task } from './module.ts'
export { nodeHttp } from './node-http.ts'
export { parseJson } from './parse-json.ts'
export { Secret } from './secret.ts'
