// Stands in for the webserver of Backend.AI. See README.md.

export type { BackendAiConfig } from './config.ts'
export { backendAiModule } from './module.ts'
export { webUiErrors } from './web-ui/errors.ts'
