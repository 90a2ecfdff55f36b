// The path of a setting: `identity[0].clientSecret`; parts that are not plain words are quoted.

export type SettingPath = readonly (string | number)[]

/** A path as operators read and grep it. The root is the empty string. */
export const formatPath = (path: SettingPath): string =>
  path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`
    if (!/^[\w$-]+$/.test(part)) return `${text}[${JSON.stringify(part)}]`
    return text === '' ? part : `${text}.${part}`
  }, '')
