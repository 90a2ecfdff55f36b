export { type ByteSizeLimits, type ByteSizeSchema, byteSize, formatByteSize, parseByteSize } from './byte-size.ts'
export { type ComposedSchema, composeSchema, type Slices } from './compose-schema.ts'
export { describeChanges } from './describe-changes.ts'
export { describeConfig, describeConfigAsJson } from './describe-config.ts'
export {
  type ComparableSetting,
  findChanges,
  hasSameContent,
  type SettingChange,
  settingsInEffect,
} from './difference.ts'
export { type DurationLimits, type DurationSchema, duration, formatDuration, parseDuration } from './duration.ts'
export type { EtcdSettings } from './etcd-overlay.ts'
export { whyExposed } from './exposed-file.ts'
export { filePath } from './file-path.ts'
export { httpUrl } from './http-url.ts'
export type { Environment } from './inputs.ts'
export { type JsonSchema, toJsonSchema } from './json-schema.ts'
export {
  formatListenAddress,
  type ListenAddress,
  type ListenAddressSchema,
  listenAddress,
  parseListenAddress,
} from './listen-address.ts'
export {
  type ConfigRequest,
  type ConfigSource,
  type LoadedConfig,
  loadConfig,
  loadSection,
  type RefusedConfig,
} from './load-config.ts'
export { formatOrigin, type Origin } from './origin.ts'
export { pemFile } from './pem-file.ts'
export { type ConfigProblem, formatProblem, problemAsJson } from './problem.ts'
export { parseRate, type Rate, type RateSchema, rate } from './rate.ts'
export { toReferenceMarkdown } from './reference-markdown.ts'
export { toSampleYaml } from './sample-yaml.ts'
export { secretRef } from './secret-ref.ts'
export { type ConfigWarning, type Setting, secretFilesOf } from './settings.ts'
export { suggest } from './suggest.ts'
export { readTextFile } from './text-file.ts'
export { untilRestart } from './until-restart.ts'
export { visible } from './visible.ts'
