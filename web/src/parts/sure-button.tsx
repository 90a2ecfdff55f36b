// A button for what cannot be taken back: pressed once it asks, pressed again it does. Whoever goes elsewhere has not meant it.

import { Button } from '@mantine/core'
import { type ReactNode, useState } from 'react'

interface SureButtonProps {
  readonly children: ReactNode
  /** What the button says before it is pressed, where its words alone would not name what they are about. */
  readonly label?: string
  /** What it asks once it was pressed. */
  readonly sure: string
  readonly isBusy: boolean
  readonly onSure: () => void
  readonly size?: 'sm' | 'md'
}

export function SureButton({ children, label, sure, isBusy, onSure, size = 'sm' }: SureButtonProps) {
  const [isAsked, setAsked] = useState(false)
  if (isAsked) {
    return (
      <Button
        size={size}
        variant="filled"
        color="danger"
        autoFocus
        loading={isBusy}
        onClick={onSure}
        onBlur={() => setAsked(false)}
      >
        {sure}
      </Button>
    )
  }
  return (
    <Button
      size={size}
      variant={size === 'sm' ? 'subtle' : 'default'}
      color="danger"
      aria-label={label}
      onClick={() => setAsked(true)}
    >
      {children}
    </Button>
  )
}
