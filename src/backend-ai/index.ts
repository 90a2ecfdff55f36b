// Stands in for the webserver of Backend.AI. See README.md.

export type { BackendAiConfig } from './config.ts'
export { funcErrors } from './func/errors.ts'
export { backendAiModule } from './module.ts'
export { tryRecords } from './records/try-records.ts'
export { CSP_DIRECTIVES, CSP_SOURCE, REQUEST_POLICIES, RESPONSE_POLICIES } from './security-config.ts'
export { webserverErrors } from './server/errors.ts'
export { configuredMounts, configuredServices } from './services.ts'
export { webUiErrors } from './web-ui/errors.ts'
