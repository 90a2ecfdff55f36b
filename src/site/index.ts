export type { SiteConfig } from './config.ts'
export { siteErrors } from './errors.ts'
export { siteModule } from './site-module.ts'
