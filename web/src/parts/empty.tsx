// Nothing is here yet: why, and what to do about it.

import type { ReactNode } from 'react'

export const Empty = ({ title, children }: { readonly title: string; readonly children?: ReactNode }) => (
  <div className="empty">
    <p className="strong">{title}</p>
    {children}
  </div>
)
