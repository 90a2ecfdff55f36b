export type { KeyRing, RingKey } from './key-ring.ts'
export type { ChangeFeed, KeyValueStore, SetOptions } from './key-value.ts'
export type { Storage } from './storage.ts'
