// Key files of service accounts: whole or not at all, and for nobody's eyes but those of the user who runs Gatehouse.

import { open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { randomToken, type Secret } from '#kernel'

export interface KeyFiles {
  /** Puts it in the place of the one before. @returns the path */
  write(name: string, secret: Secret): Promise<string>
}

/** @param folder must exist */
export const createKeyFiles = (folder: string): KeyFiles =>
  Object.freeze({
    async write(name: string, secret: Secret) {
      const path = join(folder, `${name}.key`)
      const draft = join(folder, `.${name}.key.${randomToken(6)}`)
      try {
        const file = await open(draft, 'wx', 0o600)
        try {
          await file.writeFile(`${secret.reveal()}\n`)
          await file.sync()
        } finally {
          await file.close()
        }
        await rename(draft, path)
      } catch (error) {
        await rm(draft, { force: true })
        throw error
      }
      return path
    },
  })
