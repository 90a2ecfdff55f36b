// What an operator is told about an error that ends a command or a worker.

import { GatewayError } from '#kernel'

export function explainFailure(error: unknown): string {
  if (error instanceof GatewayError) return `${error.title}: ${error.detail} ${error.hint}`
  return error instanceof Error ? error.message : String(error)
}
