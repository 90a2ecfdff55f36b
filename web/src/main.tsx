// The portal's entry: reads what the page says of its place and draws the application there.

import './theme/mantine.ts'
import './theme/base.css'
import './theme/shell.css'
import './theme/parts.css'
import './theme/pages.css'
import './theme/admin.css'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { Application } from './application.tsx'
import { startLanguages } from './i18n/languages.ts'
import { readPlace } from './place.ts'

const root = document.getElementById('portal')
if (root !== null) {
  const place = readPlace(root)
  await startLanguages(place.language)
  createRoot(root).render(
    <StrictMode>
      <Application place={place} />
    </StrictMode>,
  )
}
