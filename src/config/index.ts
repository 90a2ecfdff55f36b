export { type ByteSizeLimits, type ByteSizeSchema, byteSize, formatByteSize, parseByteSize } from './byte-size.ts'
export { type DurationLimits, type DurationSchema, duration, formatDuration, parseDuration } from './duration.ts'
export { filePath } from './file-path.ts'
export { httpUrl } from './http-url.ts'
export {
  formatListenAddress,
  type ListenAddress,
  type ListenAddressSchema,
  listenAddress,
  parseListenAddress,
} from './listen-address.ts'
export { type Environment, secretRef } from './secret-ref.ts'
