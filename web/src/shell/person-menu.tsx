// Who is logged in, the way to their settings, and the way out.

import { Menu } from '@mantine/core'
import { useNavigate } from '@tanstack/react-router'
import { useRef } from 'react'
import { useTranslation } from 'react-i18next'
import { Icon } from '../parts/icons.tsx'
import { initialOf } from '../parts/initial.ts'
import { usePortal, useShell } from '../portal-context.ts'

export function PersonMenu() {
  const { t } = useTranslation('shell')
  const { place } = usePortal()
  const { person } = useShell()
  const navigate = useNavigate()
  const logOut = useRef<HTMLFormElement>(null)
  return (
    <>
      {/* A form and not a call: logging out may lead to the login provider. */}
      <form ref={logOut} method="post" action={`${place.basePath}/auth/logout`} />
      {/* Within the header, which is a landmark; and a menu holds nothing but its items, of which the first gets the focus. */}
      <Menu position="bottom-end" width={240} shadow="md" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <button type="button" className="plain person">
            <span className="initial" aria-hidden="true">
              {initialOf(person.displayName)}
            </span>
            <span className="word name">{person.displayName}</span>
            <Icon name="down" size={16} />
          </button>
        </Menu.Target>
        <Menu.Dropdown className="dropdown">
          <Menu.Item leftSection={<Icon name="person" />} onClick={() => void navigate({ to: '/settings/profile' })}>
            {t('page.profile')}
          </Menu.Item>
          <Menu.Item leftSection={<Icon name="arrow" />} onClick={() => logOut.current?.requestSubmit()}>
            {t('logOut')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}
