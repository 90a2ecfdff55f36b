// A browser that somebody is logged in with, in the language of the page: its name and what it runs on are what they are.

import { useTranslation } from 'react-i18next'

interface Device {
  readonly program?: string | undefined
  readonly system?: string | undefined
}

/** @example sayDevice({ program: 'Firefox', system: 'Linux' }) // 'Firefox auf Linux' */
export function useDeviceWords(): (device: Device) => string {
  const { t } = useTranslation('shell')
  return ({ program, system }) =>
    program !== undefined && system !== undefined
      ? t('device.on', { program, system })
      : (program ?? system ?? t('device.unknown'))
}
