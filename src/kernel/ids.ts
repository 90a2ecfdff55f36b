// Identifiers and unguessable values. Brands keep one kind of id from being passed where another is meant.

import { randomBytes, randomUUID } from 'node:crypto'

export type Branded<T, Name extends string> = T & { readonly __brand: Name }

export type UserId = Branded<string, 'UserId'>

/** A random UUID (version 4), for rows and requests. */
export const newId = (): string => randomUUID()

/** `bytes` of the system's randomness as base64url without padding. */
export const randomToken = (bytes: number): string => randomBytes(bytes).toString('base64url')
