// Stands in for the webserver of Backend.AI. See README.md.

export { backendAiModule } from './module.ts'
