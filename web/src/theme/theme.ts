// Mantine's components in the colours and measures of `tokens.css`, which the server's pages have too.

import { createTheme, defaultVariantColorsResolver, type MantineColorsTuple } from '@mantine/core'

const accent = Array.from({ length: 10 }, () => 'var(--accent)') as unknown as MantineColorsTuple
const danger = Array.from({ length: 10 }, () => 'var(--danger)') as unknown as MantineColorsTuple

export const theme = createTheme({
  fontFamily: 'var(--font)',
  fontFamilyMonospace: 'var(--mono)',
  headings: { fontFamily: 'var(--font)', fontWeight: '600' },
  colors: { accent, danger },
  primaryColor: 'accent',
  defaultRadius: 'var(--radius-small)',
  respectReducedMotion: true,
  cursorType: 'pointer',
  variantColorResolver: (input) => {
    const own = input.color === 'danger' ? 'var(--danger)' : 'var(--accent)'
    if (input.variant === 'filled') {
      const hover = input.color === 'danger' ? 'var(--danger)' : 'var(--accent-hover)'
      return { background: own, hover, color: 'var(--accent-ink)', border: '1px solid transparent' }
    }
    if (input.variant === 'subtle' || input.variant === 'light') {
      return { background: 'transparent', hover: 'var(--accent-soft)', color: own, border: '1px solid transparent' }
    }
    return defaultVariantColorsResolver(input)
  },
  components: {
    Button: { defaultProps: { size: 'md', variant: 'default' } },
    TextInput: { defaultProps: { size: 'md' } },
    NativeSelect: { defaultProps: { size: 'md' } },
    Checkbox: { defaultProps: { size: 'md' } },
  },
})
