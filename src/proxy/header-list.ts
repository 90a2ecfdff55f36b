// Header lists as the proxy passes them round: name, value, name, value …, names in lower case, in the order of the
// wire. Flat arrays, because both Node and undici take them as they are and every proxied request builds two.

export type HeaderList = readonly string[]

/** The value of the first header of that name. @param name in lower case. */
export function findHeader(headers: HeaderList, name: string): string | undefined {
  for (let index = 0; index < headers.length; index += 2) if (headers[index] === name) return headers[index + 1]
  return undefined
}
