// What printers of a language would mark in a translation. For the tests of words.

/** One line each; empty if nothing. */
export function findTypographyFaults(language: string, word: string): readonly string[] {
  const text = word.replaceAll(/\{+\w+\}+/g, 'x')
  const faults = [...RULES, ...(RULES_OF[language] ?? [])].filter(([pattern]) => pattern.test(text))
  return faults.map(([, fault]) => `${fault}: ${word}`)
}

type Rule = readonly [pattern: RegExp, fault: string]

const RULES: readonly Rule[] = [
  [/^\s|\s$/, 'a space at an end'],
  [/ {2}/, 'two spaces'],
  [/\.\.\./, 'three dots for …'],
  [/['"]/, 'a straight quotation mark'],
]

const RULES_OF: Readonly<Record<string, readonly Rule[]>> = {
  fr: [
    // U+202F keeps the sign on the line of its word. Within a name or an address (group:local:x) it is none.
    [/[^\u202f][;:!?](?: |$)/, 'no narrow no-break space before ; : ! or ?'],
    [/[^\u202f]»/, 'no narrow no-break space before »'],
    [/«[^\u202f]/, 'no narrow no-break space after «'],
  ],
  es: [
    [/^[^¿]*\?(?:\s|$)/, '? without ¿'],
    [/^[^¡]*!/, '! without ¡'],
  ],
  ja: [[/[\u3040-\u30ff\u4e00-\u9fff][,.:;!?()]/, 'a half-width sign']],
  'zh-CN': [[/[\u4e00-\u9fff][,.:;!?()]/, 'a half-width sign']],
}
