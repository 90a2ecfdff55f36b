// Every committed file that is made from code, by hand in one list. `scripts/generate.ts` writes and checks them.

export interface GeneratedFile {
  /** From the root of the tree. */
  readonly file: string
  /** The whole text; the same each time for the same sources. */
  readonly produce: () => string | Promise<string>
}

export const generatedFiles: readonly GeneratedFile[] = []
