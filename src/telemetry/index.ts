export type { Audit, AuditEntry } from './audit.ts'
export type { LogFields, Logger } from './logger.ts'
export type { Counter, GaugeReading, Histogram, Metrics, MetricSpec } from './metrics.ts'
