/** What is known of groups, to be asked anew after a change. */
export const groupsKey = ['groups'] as const
