// What every page stands in.

import type { Place } from './place.ts'

export const Application = ({ place }: { readonly place: Place }) => (
  <main>
    <h1>{place.brand}</h1>
  </main>
)
