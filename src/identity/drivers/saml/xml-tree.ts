// XML that came from outside, as a tree: well-formed, with namespaces, and with nothing in it that different readers read
// differently. A DOCTYPE, a comment, a CDATA section or an instruction for a program has no place in a SAML message.

import type { SaxesParser } from 'saxes'

export interface XmlElement {
  /** Without its prefix. */
  readonly name: string
  readonly namespace: string
  /** Those without a prefix. */
  readonly attributes: ReadonlyMap<string, string>
  readonly children: readonly XmlElement[]
  /** What stands directly in it. */
  readonly text: string
  /** Values of all attributes that some reader may take for an id, whatever their prefix. */
  readonly ids: readonly string[]
}

/** Why XML is not read; in words of ours. */
export class XmlFault extends Error {
  override readonly name = 'XmlFault'
}

const MAX_DEPTH = 64
/**
 * More than an assertion with a thousand groups has. What checks a signature takes time by the square of these before it
 * knows whether it holds, and anybody may send one.
 */
const MAX_ELEMENTS = 1_500
const MAX_ATTRIBUTES = 4_000

/** @throws XmlFault */
export type ParseXml = (text: string) => XmlElement

/** The library that reads XML is loaded by the first who needs it. */
export async function loadXmlParser(): Promise<ParseXml> {
  const { default: saxes } = await import('saxes')
  return (text) => readTree(new saxes.SaxesParser({ xmlns: true }), text)
}

function readTree(parser: SaxesParser<{ xmlns: true }>, text: string): XmlElement {
  const open: Draft[] = []
  let root: Draft | undefined
  let [elements, attributeCount] = [0, 0]
  const refuse = (what: string) => () => {
    throw new XmlFault(`the XML holds ${what}`)
  }
  parser.on('error', () => {
    throw new XmlFault('the XML is not well-formed')
  })
  parser.on('doctype', refuse('a DOCTYPE'))
  parser.on('comment', refuse('a comment'))
  parser.on('cdata', refuse('a CDATA section'))
  parser.on('processinginstruction', refuse('a processing instruction'))
  parser.on('xmldecl', ({ encoding = 'utf-8' }) => {
    if (encoding.toLowerCase() !== 'utf-8') refuse('another encoding than UTF-8')()
  })
  parser.on('opentag', ({ local, uri, attributes }) => {
    if (open.length >= MAX_DEPTH) refuse('too deep a nest')()
    const all = Object.values(attributes)
    elements += 1
    attributeCount += all.length
    if (elements > MAX_ELEMENTS || attributeCount > MAX_ATTRIBUTES) refuse('too much')()
    const plain = all.filter(({ prefix }) => prefix === '')
    const element: Draft = {
      name: local,
      namespace: uri,
      attributes: new Map(plain.map(({ local: name, value }) => [name, value])),
      ids: all.filter(({ local: name }) => name.toLowerCase() === 'id').map(({ value }) => value),
      children: [],
      text: '',
    }
    open.at(-1)?.children.push(element)
    root ??= element
    open.push(element)
  })
  parser.on('text', (piece) => {
    const element = open.at(-1)
    if (element !== undefined) element.text += piece
  })
  parser.on('closetag', () => void open.pop())
  parser.write(text).close()
  return root ?? refuse('no element')()
}

interface Draft extends XmlElement {
  readonly children: Draft[]
  text: string
}

/** The element and all below it. */
export const withDescendants = (element: XmlElement): readonly XmlElement[] => [
  element,
  ...element.children.flatMap(withDescendants),
]

export const childrenNamed = (element: XmlElement, namespace: string, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.namespace === namespace && child.name === name)

/** The element alone, for whoever reads no attributes with a prefix. */
export function toXml({ name, namespace, attributes, children, text }: XmlElement): string {
  const others = [...attributes].filter(([attribute]) => attribute !== 'xmlns')
  const written = [['xmlns', namespace] as const, ...others].map(
    ([attribute, value]) => ` ${attribute}="${escapeXml(value)}"`,
  )
  // Elements hold either text or other elements here; what stands between those is space.
  const content = children.length > 0 ? children.map(toXml).join('') : escapeXml(text)
  return `<${name}${written.join('')}>${content}</${name}>`
}

/** For text and for values in quotes. */
export const escapeXml = (text: string): string =>
  text.replace(/[&<>"'\t\r\n]/g, (character) => `&#${character.codePointAt(0)};`)
