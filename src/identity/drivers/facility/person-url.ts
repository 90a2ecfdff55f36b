// Puts a person's name into an address. Whatever the name, it stays one piece of the path, and the rest of the address
// what the operator wrote.

import { isUsableName } from '../usable-form.ts'
import { FacilityFault } from './call.ts'
import { USERNAME } from './settings.ts'

/**
 * @param template what `experimentsUrl` accepts
 * @throws FacilityFault for a name that some server on the way could read as a step in the path
 */
export function toPersonUrl(template: string, name: string): URL {
  // Escaping does not help here: URL parsers, and proxies that decode, resolve dot segments in any spelling.
  const hasDotSegment = name.split(/[/\\]/).some((part) => part === '.' || part === '..')
  if (!isUsableName(name) || hasDotSegment) throw new FacilityFault('a name that no address can hold')
  return new URL(template.replace(USERNAME, () => encodeURIComponent(name)))
}
