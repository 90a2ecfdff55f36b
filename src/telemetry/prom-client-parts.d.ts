// The types of a part of prom-client that is imported by its path.

declare module 'prom-client/lib/registry.js' {
  export { Registry as default } from 'prom-client'
}
