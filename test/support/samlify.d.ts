// What the tests use of samlify. Its own declarations bring those of a browser's DOM with them for the whole program, so
// `tsconfig.json` names these instead.

interface Entity {
  getMetadata(): string
  readonly entityMeta: { getAssertionConsumerService(binding: 'post'): string }
}

interface LoginRequest {
  readonly extract: { readonly request: { readonly id: string } }
}

interface LoginResponseOptions {
  readonly customTagReplacement: (template: string) => { readonly id: string; readonly context: string }
  readonly encryptThenSign: boolean
}

interface IdentityProvider extends Entity {
  parseLoginRequest(
    service: Entity,
    binding: 'redirect',
    http: { readonly query: Readonly<Record<string, string>> },
  ): Promise<LoginRequest>
  createLoginResponse(
    service: Entity,
    request: LoginRequest,
    binding: 'post',
    user: object,
    options: LoginResponseOptions,
  ): Promise<{ readonly context: string }>
}

export function setSchemaValidator(validator: { validate(xml: string): Promise<string> }): void
export function IdentityProvider(settings: object): IdentityProvider
export function ServiceProvider(settings: { readonly metadata: string; readonly wantMessageSigned: boolean }): Entity
