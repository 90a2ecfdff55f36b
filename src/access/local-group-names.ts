// What groups of Gatehouse's own are called in policies, headers and tokens: `local:NAME`. No provider can give one:
// whatever it says of that form is dropped, at the login and again wherever groups are put together.

export const LOCAL_GROUP_PREFIX = 'local:'

/** `local:NAME` without what stands before it. */
export const toLocalName = (group: string): string => group.slice(LOCAL_GROUP_PREFIX.length)

export const isLocalGroup = (group: string): boolean => group.startsWith(LOCAL_GROUP_PREFIX)

/** What a provider said, without what it may not say. */
export const withoutLocalGroups = (groups: readonly string[]): readonly string[] =>
  groups.some(isLocalGroup) ? groups.filter((group) => !isLocalGroup(group)) : groups
