// What counts as one account when failed logins are counted. Coarser than any provider's idea of a name: another spelling
// of a name must not bring another budget, and two people who share one lose little.

import { hash } from 'node:crypto'

/** Characters that are not seen, and accents: directories and databases find people without them. */
const IGNORED = /[\p{Default_Ignorable_Code_Point}\p{White_Space}\p{Control}\p{Mark}]/gu

/** What no form of Unicode takes apart, and collations do. */
const LETTERS: Readonly<Record<string, string>> = { æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd', þ: 'th', ħ: 'h' }
const TAKEN_APART = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g')

/** Nobody's name is longer: all that are count as one. */
const MAX_LENGTH = 1024

/** @returns a digest: people type passwords into the wrong field, and nobody needs to read it. */
export function accountKey(provider: string, typed: string): string {
  const name = plainName(typed)
  return digest(provider, name.length > MAX_LENGTH ? name.slice(0, MAX_LENGTH) : partOf(name))
}

/**
 * Of a name as it was typed, to the letter. Whoever has logged in by it may log in by it: that says nothing about any other
 * name, however alike, which may be somebody else's.
 */
export const typedKey = (provider: string, typed: string): string => digest(`${provider} typed`, typed)

/** By capital letters and back, because some (ß, ı) have two or another one there. */
const plainName = (typed: string): string =>
  typed
    .normalize('NFKD')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(IGNORED, '')
    .replace(TAKEN_APART, (letter) => LETTERS[letter] ?? letter)

/** Without the domain of an e-mail address or of a directory: with it and without it, a name may be the same person's. */
const partOf = (name: string): string => name.split('@', 1)[0]?.split('\\').at(-1) ?? name

const digest = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22)
