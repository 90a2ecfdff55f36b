// Renders pages: one template engine (Eta, escaping everything by default), one layout, templates by name from the
// folders of the features; an operator's own file replaces any of them.

import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Eta } from 'eta'
import { accentTokens } from './accent-tokens.ts'
import type { Page } from './answer.ts'
import type { RequestContext } from './context.ts'
import { LANGUAGE_NAMES, LANGUAGES, type Language, type Look } from './look.ts'
import { createMoments, type Moments } from './moments.ts'
import type { AccountPage } from './part.ts'
import { createWords } from './words.ts'

export interface Branding {
  readonly title: string
  readonly logo?: string | undefined
  /** Readable on white. */
  readonly accent?: string | undefined
  readonly footer?: string | undefined
  /** Files that replace templates, by template name. */
  readonly templates: Readonly<Record<string, string>>
}

/** Who looks at the page, for its header. */
export interface Viewer {
  readonly displayName: string
}

export interface PageOptions {
  readonly branding: Branding
  readonly folders: readonly URL[]
  /** Files of words beside those of the folders. */
  readonly words?: readonly URL[]
  /** Adds the base path to a path of ours. */
  readonly pathTo: (path: string) => string
  /** The same as a whole address, for hosts where the portal is not. */
  readonly urlTo: (path: string) => string
  readonly viewer: (ctx: RequestContext) => Viewer | undefined
  readonly look: (ctx: RequestContext) => Look
  /** Where `/account` leads to; nowhere if absent. */
  readonly accountPages?: readonly AccountPage[]
}

export interface Asset {
  readonly body: Uint8Array
  readonly contentType: string
}

export interface Pages {
  /** Reads and compiles all templates. @throws if a file is missing or does not compile. */
  start(): Promise<void>
  render(ctx: RequestContext, page: Page): string
  /** A file of our own look, by the versioned name that pages link to. */
  asset(name: string): Asset | undefined
}

const ASSETS_PATH = '/auth/assets/'

export function createPages(options: PageOptions): Pages {
  const eta = new Eta({ autoEscape: true, cache: true })
  const assets = new Map<string, Asset>()
  const assetPaths = new Map<string, string>()
  const words = createWords()
  const moments = new Map<Language, Moments>()
  const momentsIn = (language: Language): Moments => {
    const made = moments.get(language) ?? createMoments(language, words.in(language))
    moments.set(language, made)
    return made
  }

  const addAsset = async (
    name: string,
    file: string | URL,
    change: (text: string) => string = (text) => text,
  ): Promise<void> => {
    const read = await readFile(file)
    const extension = extname(file instanceof URL ? fileURLToPath(file) : file)
    const body = extension === '.css' ? Buffer.from(change(read.toString())) : read
    const version = createHash('sha256').update(body).digest('hex').slice(0, 10)
    const versioned = `${name}-${version}${extension}`
    assets.set(versioned, { body, contentType: CONTENT_TYPES[extension] ?? 'application/octet-stream' })
    assetPaths.set(name, options.pathTo(`${ASSETS_PATH}${versioned}`))
  }

  return Object.freeze({
    async start() {
      for (const folder of options.folders) {
        await words.add(new URL('words.json', folder))
        for (const file of (await readdir(folder)).filter((name) => name.endsWith('.eta'))) {
          const name = file.slice(0, -'.eta'.length)
          const source = options.branding.templates[name] ?? new URL(file, folder)
          eta.loadTemplate(`@${name}`, await readFile(source, 'utf8'))
        }
      }
      for (const file of options.words ?? []) await words.add(file)
      for (const font of FONTS) await addAsset(font, new URL(`./assets/fonts/${font}.woff2`, import.meta.url))
      await addAsset('tokens', new URL('./assets/tokens.css', import.meta.url), (text) =>
        [text.replaceAll(/url\("fonts\/([a-z-]+)\.woff2"\)/g, (_all, font) => `url("${assetPaths.get(font)}")`)]
          .concat(accentTokens(options.branding.accent))
          .join(''),
      )
      await addAsset('script', new URL('./assets/script.js', import.meta.url))
      await addAsset('style', new URL('./assets/style.css', import.meta.url))
      if (options.branding.logo !== undefined) await addAsset('logo', options.branding.logo)
    },
    render(ctx: RequestContext, page: Page) {
      const look = options.look(ctx)
      const isEnglish = ENGLISH.has(page.template)
      const language = isEnglish ? 'en' : look.language
      const say = words.in(language)
      const langOf = (english: string): Language => (words.has(language, english) ? language : 'en')
      // On a host of its own there is nothing that a page could link to, and no name of anybody: errors look plain.
      if (ctx.appHost !== undefined)
        return eta.render('@host-error', { ...page.data, language, say, langOf, home: options.urlTo('/') })
      const shared = {
        url: options.pathTo,
        nonce: ctx.cspNonce,
        viewer: options.viewer(ctx),
        brand: options.branding.title,
        look,
        language,
        say,
        langOf,
        moments: () => momentsIn(language),
        languages: LANGUAGES,
        languageNames: LANGUAGE_NAMES,
        script: assetPaths.get('script'),
        accountPages: options.accountPages ?? [],
        footer: options.branding.footer,
        tokens: assetPaths.get('tokens'),
        style: assetPaths.get('style'),
        logo: assetPaths.get('logo'),
      }
      if (page.frame === 'own') return eta.render(`@${page.template}`, { ...shared, ...page.data })
      const main = eta.render(`@${page.template}`, { ...page.data, ...shared })
      return eta.render('@layout', {
        ...shared,
        main,
        title: say(page.title),
        here: placeToComeBack(ctx, page),
        isTranslated: !isEnglish,
      })
    },
    asset: (name: string) => assets.get(name),
  })
}

/** After another language was chosen: a login goes on to where it was going; what a form was answered with has no address. */
function placeToComeBack(ctx: RequestContext, { data }: Page): string {
  if (typeof data.returnTo === 'string') return data.returnTo
  return ctx.method === 'GET' ? ctx.target.raw : '/'
}

/** Pages for who writes programs: English in an English frame. */
const ENGLISH: ReadonlySet<string> = new Set(['docs'])

const FONTS = ['plex-sans-latin', 'plex-sans-latin-ext'] as const

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.woff2': 'font/woff2',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.webp': 'image/webp',
}
