// In place of everything, where not even the frame of the pages could be drawn: most often because the server is away.

import { usePortal } from '../portal-context.ts'
import { FailedPage } from './failed-page.tsx'

export function FailedPortal({ error }: { readonly error: unknown }) {
  const { place } = usePortal()
  return (
    <>
      <header className="bar">
        <a className="brand" href={`${place.home}/`}>
          <span>{place.brand}</span>
        </a>
      </header>
      <main>
        <FailedPage error={error} />
      </main>
    </>
  )
}
