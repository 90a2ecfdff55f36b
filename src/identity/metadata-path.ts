// Where a provider finds what it is to know of us; its address is our name there unless the configuration gives another.

export const metadataPath = (provider: string): string => `/auth/saml/${provider}/metadata`
