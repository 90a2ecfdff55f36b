// Whether a Content-Type says JSON: `application/json` itself, or a type built on it (RFC 6839 §3.1), with parameters or not.

/** @param contentType as the header has it; absent is none */
export const isJsonType = (contentType: string | null | undefined): boolean => JSON_TYPE.test(contentType ?? '')

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json\s*(?:;|$)/i
