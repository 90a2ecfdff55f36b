// What others have said (a name, a group) as one line of a mail: no breaks, no controls, nothing that turns the reading
// direction, and of a length that leaves the mail readable.

const MAX_LENGTH = 300
const BREAKS = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]+/gu

export const oneLine = (text: string): string => text.replace(BREAKS, ' ').trim().slice(0, MAX_LENGTH)
