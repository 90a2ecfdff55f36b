/** How far our clock and the provider's may be apart. */
export const CLOCK_LEEWAY_SECONDS = 60
