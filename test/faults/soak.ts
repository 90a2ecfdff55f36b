// How much of it: `make test` wants each suite within seconds, `make soak` the full figures.

export const isSoak = process.env.GATEHOUSE_SOAK === '1'
