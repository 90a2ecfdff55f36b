// Node's HTTP module. An `import` of it would read all that it exports, and one of those (WebSocket) brings Node's own
// copy of a whole HTTP client: 10 MiB of memory at every start. Types may be imported.

export const nodeHttp = process.getBuiltinModule('node:http')
