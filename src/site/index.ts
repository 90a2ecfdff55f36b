export type { SiteConfig } from './config.ts'
export { createDirectory, type Directory } from './directory.ts'
export { siteErrors } from './errors.ts'
export { siteModule } from './site-module.ts'
