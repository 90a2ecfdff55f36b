/** The first letter of a name, as people see it: one that is written with several code points stays whole. */
export const initialOf = (name: string): string =>
  new Intl.Segmenter().segment(name.trim())[Symbol.iterator]().next().value?.segment.toUpperCase() ?? '·'
