// What a site refuses that the front door has no words for.

import { defineErrors } from '#kernel'

interface Size {
  readonly sizeBytes: number
}

export const siteErrors = defineErrors('site', {
  preconditionFailed: {
    status: 412,
    title: 'The file has changed',
    detail: () => 'The file is not the one that the request was made for.',
    hint: 'Load it again.',
  },
  rangeUnsatisfiable: {
    status: 416,
    title: 'There is no such part of the file',
    detail: ({ sizeBytes }: Size) => `The file has ${sizeBytes} bytes.`,
    hint: 'Ask for a part inside the file, or for the whole.',
    headers: ({ sizeBytes }: Size) => ({ 'content-range': `bytes */${sizeBytes}` }),
  },
})
