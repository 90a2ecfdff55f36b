// A browser's User-Agent in words that help its owner to recognise it. For the eye only: anybody can send anything.

/** Undefined what is not known. */
export interface Device {
  readonly program: string | undefined
  readonly system: string | undefined
}

/** @example deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) …') // { program: 'Firefox', system: 'Linux' } */
export const deviceOf = (userAgent: string): Device => ({
  program: nameIn(programs, userAgent),
  system: nameIn(systems, userAgent),
})

/** @example deviceName({ program: 'Firefox', system: 'Linux' }) // 'Firefox on Linux' */
export function deviceName({ program, system }: Device): string {
  if (program !== undefined && system !== undefined) return `${program} on ${system}`
  return program ?? system ?? 'Unknown program'
}

type Names = readonly (readonly [pattern: RegExp, name: string])[]

const nameIn = (names: Names, text: string): string | undefined => names.find(([pattern]) => pattern.test(text))?.[1]

// Browsers claim to be each other; the more particular claim comes first.
const programs: Names = [
  [/\bEdg/, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\bFirefox\/|\bFxiOS\//, 'Firefox'],
  [/\bChrom(?:e|ium)\/|\bHeadlessChrome\/|\bCriOS\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^curl\//, 'curl'],
  [/^python-|^Python/, 'Python'],
]

const systems: Names = [
  [/\bAndroid\b/, 'Android'],
  [/\biPhone\b|\biPad\b/, 'iOS'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b|\bMacintosh\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b|\bX11\b/, 'Linux'],
]
