// What groups of Gatehouse's own are called in policies, headers and tokens: `local:NAME`. No provider can give one:
// whatever it says of that form is dropped, at the login and again wherever groups are put together.

export const LOCAL_GROUP_PREFIX = 'local:'

export const isLocalGroup = (group: string): boolean => group.startsWith(LOCAL_GROUP_PREFIX)

/** What a provider said, without what it may not say. */
export const withoutLocalGroups = (groups: readonly string[]): readonly string[] =>
  groups.some(isLocalGroup) ? groups.filter((group) => !isLocalGroup(group)) : groups

/** @param local with their prefix */
export const withLocalGroups = (said: readonly string[], local: readonly string[] = []): readonly string[] => {
  const own = withoutLocalGroups(said)
  return local.length === 0 ? own : [...own, ...local]
}
