// Language and theme: changed at once on the page, and kept on the server for every browser of this person.

import { useMantineColorScheme } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { answerOf } from '../api/client.ts'
import { changeLanguage } from '../i18n/languages.ts'
import { type Shell, shellKey, usePortal, useShell } from '../portal-context.ts'
import { schemeOf } from '../theme/scheme.ts'

export type Look = Shell['look']

export function useLook() {
  const { api } = usePortal()
  const { look } = useShell()
  const queries = useQueryClient()
  const { setColorScheme } = useMantineColorScheme()
  const saving = useMutation({
    // One after the other: what was chosen last is what is kept.
    scope: { id: 'look' },
    mutationFn: (next: Look) => answerOf(api.PUT('/api/v1/preferences', { body: next })),
  })
  const choose = async (part: Partial<Look>): Promise<void> => {
    const next = { ...look, ...part }
    queries.setQueryData<Shell>(shellKey, (shell) => shell && { ...shell, look: next })
    setColorScheme(schemeOf(next.theme))
    document.documentElement.dataset.theme = next.theme
    await Promise.all([changeLanguage(next.language), saving.mutateAsync(next)])
  }
  return { look, choose, error: saving.error }
}
