// The few pictures beside words. Never alone: each stands by its name, and is hidden from those who hear the page.

import type { ReactNode } from 'react'

const shapes = {
  home: <path d="M4 11 12 4l8 7M6 9.5V20h4.5v-5h3v5H18V9.5" />,
  apps: <path d="M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z" />,
  person: <path d="M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20a7.5 7.5 0 0 1 15 0" />,
  look: <path d="M12 3.5a8.5 8.5 0 1 0 0 17zM12 3.5a8.5 8.5 0 0 1 0 17" />,
  link: (
    <path d="M10 14a4 4 0 0 0 6 .4l2.6-2.6a4 4 0 0 0-5.7-5.7L11.500 7.500M14 10a4 4 0 0 0-6-.4l-2.600 2.600a4 4 0 0 0 5.700 5.700L12.500 16.500" />
  ),
  branch: (
    <path d="M6.500 8.500v7M6.500 8.500a2.250 2.250 0 1 0 0-4.500 2.250 2.250 0 0 0 0 4.500ZM6.500 20a2.250 2.250 0 1 0 0-4.500 2.250 2.250 0 0 0 0 4.500ZM17.500 10.500a2.250 2.250 0 1 0 0-4.500 2.250 2.250 0 0 0 0 4.500ZM17.500 10.500c0 3.500-6 2.500-9.500 5.200" />
  ),
  screen: <path d="M3.500 5h17v11h-17zM9 20h6M12 16v4" />,
  key: <path d="M8 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM11.5 12h9M17.5 12v3.5M14.5 12v2.5" />,
  shield: <path d="M12 3.500 5 6v5.500c0 4 2.800 7.200 7 9 4.200-1.800 7-5 7-9V6z" />,
  help: (
    <path d="M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM9.700 9.500a2.400 2.400 0 1 1 3.500 2.100c-.8.500-1.200 1-1.200 1.900M12 16.600h.01" />
  ),
  clock: <path d="M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2" />,
  chart: <path d="M4 20h16M7 17v-5M12 17V6M17 17v-8" />,
  people: (
    <path d="M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 19.500a6.500 6.500 0 0 1 13 0M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14a6.500 6.500 0 0 1 3.500 5.500" />
  ),
  server: <path d="M4 4.500h16v6H4zM4 13.500h16v6H4zM7.500 7.500h.01M7.500 16.500h.01" />,
  list: <path d="M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01" />,
  menu: <path d="M4 7h16M4 12h16M4 17h16" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  lock: <path d="M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3" />,
  info: <path d="M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 11v5.500M12 7.800h.01" />,
  warning: <path d="M12 4 3 19.500h18zM12 10v4.500M12 17h.01" />,
  done: <path d="m5 12.500 4.500 4.500L19 7.500" />,
  arrow: <path d="M5 12h13M13 7l5 5-5 5" />,
  down: <path d="m6 9.500 6 6 6-6" />,
} satisfies Readonly<Record<string, ReactNode>>

export type IconName = keyof typeof shapes

export const Icon = ({ name, size = 20 }: { readonly name: IconName; readonly size?: number }) => (
  <svg
    aria-hidden="true"
    className="icon"
    width={size}
    height={size}
    viewBox="0 0 24 24"
    fill="none"
    stroke="currentColor"
    strokeWidth={1.7}
    strokeLinecap="round"
    strokeLinejoin="round"
  >
    {shapes[name]}
  </svg>
)
