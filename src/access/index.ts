export type { Access, CompiledPolicy, PolicyRule, Principal, User, Users } from './access.ts'
