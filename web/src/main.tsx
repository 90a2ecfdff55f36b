// The portal's entry: reads what the page says of its place and draws the application there.

import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Application } from './application.tsx'
import { readPlace } from './place.ts'

const root = document.getElementById('portal')
if (root !== null) {
  createRoot(root).render(
    <StrictMode>
      <Application place={readPlace(root)} />
    </StrictMode>,
  )
}
