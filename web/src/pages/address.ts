// What the address of a page says after its `?`: kept there, so that it can be linked to and the way back works.

import { useNavigate, useSearch } from '@tanstack/react-router'

export type Asked = Readonly<Record<string, string | undefined>>

/** What the address says, and the way to say something else; what is undefined or empty leaves it. */
export function useAddress(): readonly [asked: Asked, change: (changed: Asked) => void] {
  const search: Readonly<Record<string, unknown>> = useSearch({ strict: false })
  const navigate = useNavigate()
  // A value that could be a number or a word of JSON is one, there.
  const asked = Object.fromEntries(Object.entries(search).map(([name, value]) => [name, String(value)]))
  const change = (changed: Asked): void => {
    const kept = Object.entries({ ...asked, ...changed }).filter(([, value]) => value !== undefined && value !== '')
    // Like the router's own types, which know the pages by their table only.
    void navigate({ to: '.', search: Object.fromEntries(kept), replace: true, resetScroll: false })
  }
  return [asked, change]
}
