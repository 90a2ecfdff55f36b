// A short word that something was done. Said politely, gone after a while, and never over what has the focus.

import { createContext, type ReactNode, useCallback, useContext, useEffect, useRef, useState } from 'react'
import { Icon } from '../parts/icons.tsx'

const Toast = createContext<(text: string) => void>(() => {})

/** @returns says a sentence to the person */
export const useToast = (): ((text: string) => void) => useContext(Toast)

const SHOWN_MS = 8_000

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [text, setText] = useState('')
  const [isAtTop, setAtTop] = useState(false)
  const box = useRef<HTMLOutputElement>(null)
  const say = useCallback((next: string) => setText(next), [])

  useEffect(() => {
    if (text === '') return undefined
    const giveWay = (): void => setAtTop(isOverFocus(box.current))
    giveWay()
    document.addEventListener('focusin', giveWay)
    const timer = setTimeout(() => setText(''), SHOWN_MS)
    return () => {
      document.removeEventListener('focusin', giveWay)
      clearTimeout(timer)
    }
  }, [text])

  return (
    <Toast value={say}>
      {children}
      <output ref={box} className={`toast ${text === '' ? '' : 'shown'} ${isAtTop ? 'at-top' : ''}`}>
        {text !== '' && (
          <>
            <Icon name="done" />
            {text}
          </>
        )}
      </output>
    </Toast>
  )
}

/** Whether the focus is where the toast is at the bottom of the window. */
function isOverFocus(box: HTMLElement | null): boolean {
  const focused = document.activeElement?.getBoundingClientRect()
  if (box === null || focused === undefined || document.activeElement === document.body) return false
  return focused.bottom > window.innerHeight - box.offsetHeight - 48
}
