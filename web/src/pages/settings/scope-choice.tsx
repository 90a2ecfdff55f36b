// What a token may do, in plain words. One service is chosen by its name.

import { Checkbox } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { useApps } from '../apps/use-apps.ts'
import { ONE_SERVICE, type Scope } from './tokens-api.ts'

/** Of whom the words speak: of the reader, or of another account. */
export type Whose = 'reader' | 'account'

const keysOf = (key: string, whose: Whose): readonly string[] => (whose === 'account' ? [`account.${key}`, key] : [key])

interface ScopeChoiceProps {
  readonly scopes: readonly Scope[]
  readonly chosen: readonly string[]
  readonly onChoose: (scopes: readonly string[]) => void
  readonly fault: string | undefined
  /** Absent: of the reader. */
  readonly whose?: Whose
}

interface Offered {
  readonly scope: string
  readonly label: string
  readonly description?: string
}

export const scopeField = (scope: string): string => `scope-${scope}`

/** A scope in plain words; one that is not known here is shown as it is, or as `otherwise`. */
export function useScopeWords(whose: Whose = 'reader'): (scope: string, otherwise?: string) => string {
  const { t } = useTranslation('settings')
  const apps = useApps()
  return (scope, otherwise = scope) => {
    if (!scope.startsWith('service:')) return t([...keysOf(`scope.${scope}`, whose)], { defaultValue: otherwise })
    const id = scope.slice('service:'.length)
    return t('scope.service', { name: apps.find((app) => app.id === id)?.title ?? id })
  }
}

export function ScopeChoice({ scopes, chosen, onChoose, fault, whose = 'reader' }: ScopeChoiceProps) {
  const { t } = useTranslation('settings')
  const apps = useApps().filter(({ mayOpen }) => mayOpen)
  const words = useScopeWords(whose)
  const offered: readonly Offered[] = scopes.flatMap((each): readonly Offered[] =>
    each.scope === ONE_SERVICE
      ? apps.map(({ id }) => ({ scope: `service:${id}`, label: words(`service:${id}`) }))
      : [
          {
            scope: each.scope,
            label: words(each.scope, each.title),
            // The server says it in English; what is not known here is shown as it came.
            description: t([...keysOf(`scope.${each.scope}.why`, whose)], { defaultValue: each.description }),
          },
        ],
  )
  return (
    <fieldset className="scopes" aria-describedby={fault && 'scope-fault'}>
      <legend>{t('tokens.scopes')}</legend>
      {offered.map(({ scope, label, description }) => {
        const isImplied = scope.startsWith('service:') && chosen.includes('services')
        return (
          <Checkbox
            key={scope}
            id={scopeField(scope)}
            label={label}
            description={description}
            disabled={isImplied}
            checked={isImplied || chosen.includes(scope)}
            onChange={({ currentTarget }) =>
              onChoose(currentTarget.checked ? [...chosen, scope] : chosen.filter((each) => each !== scope))
            }
          />
        )
      })}
      {fault !== undefined && (
        <p id="scope-fault" className="fault">
          {fault}
        </p>
      )}
    </fieldset>
  )
}
