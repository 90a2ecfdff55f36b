// The words of pages in other languages: by their English, in `words.json` beside the templates. What is missing there stays
// English.

import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { LANGUAGES, type Language } from './look.ts'

/** @example say('Log in with {name}', { name: 'Example login' }) */
export type Say = (english: string, values?: Readonly<Record<string, string>>) => string

export interface Words {
  /** Adds those of a file, if it is there. @throws if they cannot be read */
  add(file: URL): Promise<void>
  in(language: Language): Say
  /** Whether it is said in the language: otherwise `say` gives the English. */
  has(language: Language, english: string): boolean
}

const wordsFile = z.partialRecord(z.enum(LANGUAGES), z.record(z.string(), z.string()))

export function createWords(): Words {
  const known = new Map<Language, Map<string, string>>(LANGUAGES.map((language) => [language, new Map()]))
  return Object.freeze({
    async add(file: URL) {
      const text = await readFile(file, 'utf8').catch(() => undefined)
      if (text === undefined) return
      for (const [language, words] of Object.entries(wordsFile.parse(JSON.parse(text)))) {
        for (const [english, word] of Object.entries(words)) known.get(language as Language)?.set(english, word)
      }
    },
    in: (language: Language): Say => {
      const words = known.get(language)
      return (english, values = {}) =>
        (words?.get(english) ?? english).replaceAll(/\{(\w+)\}/g, (all, name: string) => values[name] ?? all)
    },
    has: (language: Language, english: string) => language === 'en' || known.get(language)?.has(english) === true,
  })
}
