import { defineModule } from '#kernel'
import { storageConfig } from './config.ts'
import { createStorage } from './create-storage.ts'

export type { AuditLog, AuditQuery, AuditRecord } from './audit.ts'
export { type Budget, type BudgetOptions, createBudget } from './budget.ts'
export { databaseFile, type StorageConfig } from './config.ts'
export { storageErrors } from './errors.ts'
export { createExactBudget, type ExactBudget, type Taking } from './exact-budget.ts'
export { generateRingKey, type KeyRing, type RingKey } from './key-ring.ts'
export { readKeyRing, rotateKeyRing } from './key-ring-file.ts'
export { createMemoryKeyValue } from './key-value/memory.ts'
export { createRedisKeyValue } from './key-value/redis.ts'
export { type RedisConfig, redisConfig } from './key-value/redis-config.ts'
export type { ChangeFeed, KeyValueDriver, KeyValueStore, SetOptions } from './key-value.ts'
export { createSealer, deriveKey, type SealContext, type Sealer } from './seal.ts'
export { isUniqueViolation } from './sql/is-unique-violation.ts'
export type { MigrationStatus } from './sql/migrations.ts'
export { insertIfAbsent, type Upsert, upsert } from './sql/upsert.ts'
export type { Storage } from './storage.ts'
export { storeTlsSchema } from './tls-config.ts'
export { type StoreTrial, tryKeyValue } from './try-out.ts'
export { whyWeakKey } from './weak-key.ts'
export { type LockOptions, withLock } from './with-lock.ts'

/** SQL, key-value, the key ring and the audit log. Requires nothing; almost everything requires it. */
export const storageModule = defineModule({
  id: 'storage',
  configKey: 'storage',
  config: storageConfig,
  requires: [],
  create: createStorage,
})
