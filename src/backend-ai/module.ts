// The module value of `backend-ai`: puts its parts together. Without a section in the configuration it contributes
// nothing.

import type { HttpPart } from '#http'
import { defineModule } from '#kernel'
import { backendAiConfig } from './config.ts'

export const backendAiModule = defineModule({
  id: 'backend-ai',
  configKey: 'backendAi',
  config: backendAiConfig,
  requires: [],
  create(_deps: unknown, _config): HttpPart<undefined> {
    return { api: undefined }
  },
})
