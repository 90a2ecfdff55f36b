// What the server wrote into the page: where the portal is, and how it is to look before anything was asked.

export type Theme = 'system' | 'light' | 'dark'

export interface Place {
  /** Before every path of the server: empty, or `/x`. */
  readonly basePath: string
  /** Before every page of the portal; the base path, or below it where a service stands at the root. */
  readonly home: string
  readonly language: string
  readonly theme: Theme
  readonly brand: string
  readonly logo: string | undefined
  readonly footer: string | undefined
  /** For styles that are made while it runs. */
  readonly nonce: string
}

export function readPlace(root: HTMLElement): Place {
  const { base = '', home = '', language = 'en', theme, brand = 'Gatehouse', logo, footer } = root.dataset
  return Object.freeze({
    basePath: base,
    home,
    language,
    theme: theme === 'light' || theme === 'dark' ? theme : 'system',
    brand,
    logo,
    footer,
    nonce: document.querySelector<HTMLScriptElement>('script[nonce]')?.nonce ?? '',
  })
}
