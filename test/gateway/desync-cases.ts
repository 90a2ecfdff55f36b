// Messages that some server somewhere reads in another way than the next one (RFC 9112, RFC 9110; security.md M1): each
// with what becomes of it here. A second request stands behind each on the same connection.

export interface DesyncCase {
  readonly name: string
  /** Everything before the second request. @param path its own; @param common the headers of somebody who may */
  readonly message: (path: string, common: string) => string
  /** The content with which it arrives at the service; absent if it must not arrive. */
  readonly arrives?: string
  /** The connection ends with its answer, so that the second one is none. */
  readonly endsConnection?: boolean
}

const EOL = '\r\n'
const show = (text: string): string => JSON.stringify(text).slice(1, -1)

/** `POST`, these lines, and then this. */
const post =
  (lines: string, body: string): DesyncCase['message'] =>
  (path, common) =>
    `POST ${path} HTTP/1.1${EOL}${common}${lines}${EOL}${EOL}${body}`

const CHUNKED_HELLO = `5${EOL}hello${EOL}0${EOL}${EOL}`
const NOTHING_CHUNKED = `0${EOL}${EOL}`

/** Five bytes of content follow. */
const lengths = [
  '+5', '-5', '05', '005', '5 5', '5,5', '5, 5', '5,6', '5;', '5.0', '5e0', '0x5', '0x05', '5\0', '\x0b5', '5\x0b', '5\x0c',
  '5\xa0', '\xef\xbc\x95', '"5"', '5 ;a', '5_', 'five', '', ' ', '18446744073709551621', `1${'0'.repeat(40)}`,
].map((value): DesyncCase => ({ name: `Content-Length: ${show(value)}`, message: post(`Content-Length: ${value}`, 'hello') })) // biome-ignore format: a table

const goodLengths = ['5', ' 5', '\t5', '5 ', '5\t', ' \t 5 \t '].map(
  (value): DesyncCase => ({
    name: `Content-Length:${show(value)}`,
    message: post(`Content-Length:${value}`, 'hello'),
    arrives: 'hello',
  }),
)

const lengthLines = [
  `Content-Length: 5${EOL}Content-Length: 5`,
  `Content-Length: 5${EOL}content-length: 6`,
  `Content-Length: 0${EOL}CONTENT-LENGTH: 5`,
  `Content-Length: 5${EOL}Content-Length: `,
  'Content-Length : 5',
  'Content-Length\t: 5',
  'Content-Length\0: 5',
  'Content-Length\x0b: 5',
  `Content-Length:${EOL} 5`,
  `X: y${EOL} Content-Length: 5`,
  'X: y\nContent-Length: 5',
  'X: y\rContent-Length: 5',
  'X: y\0Content-Length: 5',
].map((lines): DesyncCase => ({ name: show(lines), message: post(lines, 'hello') }))

/** A chunked body follows. */
const codings = [
  ',chunked', 'chunked,', 'chunked,chunked', 'chunked, chunked', 'chunked, identity', 'identity, chunked', 'identity', 'gzip',
  'gzip, chunked', 'chunked, gzip', 'deflate', 'xchunked', 'chunkedx', 'x, chunked', 'chunked;q=1', 'chunked;', '"chunked"',
  "'chunked'", 'chunked\x0b', '\x0bchunked', 'chunked\x0c', 'chunked\0', '\0chunked', 'chun ked', 'chun\tked', 'chunked\xa0',
  '\xa0chunked', '\xefchunked', 'cow', 'trailers', '', ' ', 'chunked\x7f',
].map((value): DesyncCase => ({
  name: `Transfer-Encoding: ${show(value)}`,
  message: post(`Transfer-Encoding: ${value}`, CHUNKED_HELLO),
})) // biome-ignore format: a table

const goodCodings = ['chunked', 'CHUNKED', 'Chunked', ' chunked ', '\tchunked'].map(
  (value): DesyncCase => ({
    name: `Transfer-Encoding:${show(value)}`,
    message: post(`Transfer-Encoding:${value}`, CHUNKED_HELLO),
    arrives: 'hello',
  }),
)

const codingLines = [
  `Transfer-Encoding: chunked${EOL}Transfer-Encoding: chunked`,
  `Transfer-Encoding: chunked${EOL}Transfer-Encoding: identity`,
  `Transfer-Encoding: identity${EOL}Transfer-Encoding: chunked`,
  `Transfer-Encoding: chunked${EOL}transfer-encoding: x`,
  `Transfer-Encoding: ${EOL}Transfer-Encoding: chunked`,
  `Content-Length: 5${EOL}Transfer-Encoding: chunked`,
  `Transfer-Encoding: chunked${EOL}Content-Length: 5`,
  `Transfer-Encoding: chunked${EOL}Content-Length: 0`,
  `Content-Length: 15${EOL}Transfer-Encoding: chunked`,
  `Content-Length: 5${EOL}Transfer-Encoding: xchunked`,
  'Transfer-Encoding : chunked',
  'Transfer-Encoding\t: chunked',
  'Transfer-Encoding\0: chunked',
  '\x0bTransfer-Encoding: chunked',
  `Transfer-Encoding:${EOL} chunked`,
  `Transfer-Encoding:${EOL}\tchunked`,
  `Transfer-Encoding${EOL}: chunked`,
  `X: y${EOL} Transfer-Encoding: chunked`,
  'X: y\nTransfer-Encoding: chunked',
  'X: y\rTransfer-Encoding: chunked',
  'X:\nTransfer-Encoding: chunked',
  'Transfer-Encoding: chunked\n',
  'Transfer-Encoding: \nchunked',
].map((lines): DesyncCase => ({ name: show(lines), message: post(lines, CHUNKED_HELLO) }))

/** Of `Transfer-Encoding: chunked`. */
const chunks = [
  `+5${EOL}hello${EOL}`, `-5${EOL}hello${EOL}`, `0x5${EOL}hello${EOL}`, ` 5${EOL}hello${EOL}`, `5h${EOL}hello${EOL}`,
  `5\0${EOL}hello${EOL}`, `5\x0b${EOL}hello${EOL}`, `5 5${EOL}hello${EOL}`, `5,5${EOL}hello${EOL}`, `G${EOL}hello${EOL}`,
  `${EOL}hello${EOL}`, `;a${EOL}hello${EOL}`, `"5"${EOL}hello${EOL}`, `10000000000000005${EOL}hello${EOL}`,
  `ffffffffffffffff5${EOL}hello${EOL}`, `5\nhello${EOL}`, `5\rhello${EOL}`, `5${EOL}hello\n`, `5${EOL}hello\r`, `5${EOL}hello`,
  `5${EOL}helloX${EOL}`, `5${EOL}helloXX`, `4${EOL}hello${EOL}`, `5;\nhello${EOL}`, `5;a\nhello${EOL}`, `5;a="\n"${EOL}hello${EOL}`,
  `5;a\0${EOL}hello${EOL}`, `5;a\rb${EOL}hello${EOL}`, `5\r\r\nhello${EOL}`, `5\n\nhello${EOL}`, `_5${EOL}hello${EOL}`,
].map((text): DesyncCase => ({
  name: `a chunk ${show(text)}`,
  message: post('Transfer-Encoding: chunked', `${text}${NOTHING_CHUNKED}`),
})) // biome-ignore format: a table

const goodChunks = (
  [
    ['', ''],
    [`5${EOL}hello${EOL}`, 'hello'],
    [`05${EOL}hello${EOL}`, 'hello'],
    [`000000000005${EOL}hello${EOL}`, 'hello'],
    [`2${EOL}he${EOL}3${EOL}llo${EOL}`, 'hello'],
    [`A${EOL}0${EOL}${EOL}GET /${EOL}`, `0${EOL}${EOL}GET /`],
    [`a${EOL}0${EOL}${EOL}GET /${EOL}`, `0${EOL}${EOL}GET /`],
    [`5;a${EOL}hello${EOL}`, 'hello'],
    [`5;a=b${EOL}hello${EOL}`, 'hello'],
    [`5;a="b;c"${EOL}hello${EOL}`, 'hello'],
  ] as const
).map(
  ([text, arrives]): DesyncCase => ({
    name: `chunks ${show(text)}`,
    message: post('Transfer-Encoding: chunked', `${text}${NOTHING_CHUNKED}`),
    arrives,
  }),
)

/** In place of the last chunk and the trailers. */
const ends = [
  `0${EOL}X : y${EOL}${EOL}`, `0${EOL}X${EOL}${EOL}`, `0${EOL} X: y${EOL}${EOL}`, `0${EOL}X: y${EOL} z${EOL}${EOL}`,
  `0\n\n`, `0\n${EOL}`, `0${EOL}\n`, `0${EOL}X: y\n${EOL}`, `0${EOL}X: a\0b${EOL}${EOL}`, `0${EOL}`, `0${EOL}\r`, `-0${EOL}${EOL}`, `0x0${EOL}${EOL}`,
  `0 ${EOL}X: y\rZ: w${EOL}${EOL}`, `0${EOL}Content-Length: 7${EOL}${EOL}`, `0${EOL}Transfer-Encoding: chunked${EOL}${EOL}`,
].map((end): DesyncCase => ({
  name: `at the end of the chunks ${show(end)}`,
  message: post('Transfer-Encoding: chunked', `5${EOL}hello${EOL}${end}`),
})) // biome-ignore format: a table

const goodEnds = [
  `0${EOL}${EOL}`,
  `000${EOL}${EOL}`,
  `0;a=b${EOL}${EOL}`,
  `0${EOL}X: y${EOL}${EOL}`,
  `0${EOL}Host: evil.test${EOL}Cookie: x=y${EOL}${EOL}`,
].map(
  (end): DesyncCase => ({
    name: `chunks that end with ${show(end)}`,
    message: post('Transfer-Encoding: chunked', `5${EOL}hello${EOL}${end}`),
    arrives: 'hello',
  }),
)

/** In place of `GET PATH HTTP/1.1`. */
const requestLines: readonly ((path: string) => string)[] = [
  (path) => `GET\t${path} HTTP/1.1`,
  (path) => `GET ${path}\tHTTP/1.1`,
  (path) => `GET\x0b${path}\x0bHTTP/1.1`,
  (path) => ` GET ${path} HTTP/1.1`,
  (path) => `GET ${path} HTTP/1.1 `,
  (path) => `GET ${path} HTTP/1.1 HTTP/1.1`,
  (path) => `GET ${path} x HTTP/1.1`,
  (path) => `GET ${path}`,
  (path) => `GET ${path} HTTP`,
  (path) => `GET ${path} HTTP/1`,
  (path) => `GET ${path} HTTP/1.`,
  (path) => `GET ${path} HTTP/.1`,
  (path) => `GET ${path} HTTP/11`,
  (path) => `GET ${path} HTTP/1.10`,
  (path) => `GET ${path} HTTP/1.2`,
  (path) => `GET ${path} HTTP/0.9`,
  (path) => `GET ${path} HTTP/2.0`,
  (path) => `GET ${path} HTTP/3.0`,
  (path) => `GET ${path} HTTP/01.1`,
  (path) => `GET ${path} http/1.1`,
  (path) => `GET ${path} HTTPS/1.1`,
  (path) => `GET ${path} ICE/1.1`,
  (path) => `GET ${path} HTTP/1.1\0`,
  (path) => `GET ${path} HTTP/1.1\r`,
  (path) => `GET ${path} HTTP/1.1\rX: y`,
  (path) => `GET ${path} HTTP/1.1\nX: y`,
  (path) => `GET ${path}\0 HTTP/1.1`,
  (path) => `GET ${path}\x0b HTTP/1.1`,
  (path) => `GET ${path}\x7f HTTP/1.1`,
  (path) => `GET ${path}\r HTTP/1.1`,
  (path) => `GET ${path}\n HTTP/1.1`,
  (path) => `GET${path} HTTP/1.1`,
  (path) => `get ${path} HTTP/1.1`,
  (path) => `Get ${path} HTTP/1.1`,
  (path) => `GE\0T ${path} HTTP/1.1`,
  (path) => `\0GET ${path} HTTP/1.1`,
  (path) => `G(T ${path} HTTP/1.1`,
  (path) => `"GET" ${path} HTTP/1.1`,
  (path) => `GET,GET ${path} HTTP/1.1`,
  (path) => `GETX ${path} HTTP/1.1`,
  (path) => `TRACE ${path} HTTP/1.1`,
  (path) => `CONNECT ${path} HTTP/1.1`,
  (path) => `GET http://127.0.0.1${path} HTTP/1.1`,
  (path) => `GET http:${path} HTTP/1.1`,
  (path) => `GET //127.0.0.1${path} HTTP/1.1`,
  (path) => `GET /${path} HTTP/1.1`,
  (path) => `GET ${path.slice(1)} HTTP/1.1`,
  (path) => `GET .${path} HTTP/1.1`,
  (path) => `GET ${path}#fragment HTTP/1.1`,
  (path) => `GET ${path}/../x HTTP/1.1`,
  (path) => `GET ${path}/%2e%2e/x HTTP/1.1`,
  (path) => `GET ${path}\\x HTTP/1.1`,
  (path) => `GET ${path}%00 HTTP/1.1`,
  (path) => `GET ${path}%0d%0aX:%20y HTTP/1.1`,
  () => 'GET * HTTP/1.1',
  () => 'GET ? HTTP/1.1',
  () => 'GET  HTTP/1.1',
  () => 'GET HTTP/1.1',
  () => 'OPTIONS * HTTP/1.1',
  () => 'CONNECT 127.0.0.1:443 HTTP/1.1',
  () => 'PRI * HTTP/2.0',
]
const badRequestLines = requestLines.map(
  (line): DesyncCase => ({
    name: show(line('/path')),
    message: (path, common) => `${line(path)}${EOL}${common}${EOL}`,
  }),
)

const goodRequestLines = [
  (path: string) => `${EOL}GET ${path} HTTP/1.1`,
  (path: string) => `${EOL}${EOL}${EOL}GET ${path} HTTP/1.1`,
  // llhttp is generous here; what arrives at the service is not as the client wrote it.
  (path: string) => `GET  ${path} HTTP/1.1`,
  (path: string) => `GET ${path}  HTTP/1.1`,
  (path: string) => `GET ${path} RTSP/1.1`,
  (path: string) => `GET ${path}?a=b?c HTTP/1.1`,
  (path: string) => `GET ${path}/%20%25 HTTP/1.1`,
  (path: string) => `OPTIONS ${path} HTTP/1.1`,
  (path: string) => `DELETE ${path} HTTP/1.1`,
  (path: string) => `PROPFIND ${path} HTTP/1.1`,
].map(
  (line): DesyncCase => ({
    name: show(line('/path')),
    message: (path, common) => `${line(path)}${EOL}${common}${EOL}`,
    arrives: '',
  }),
)

/** Of a `GET`. */
const headerLines = [
  'X : y', 'X\t: y', ' X: y', '\tX: y', ': y', 'X', 'X y', 'X\0: y', 'X: a\0b', 'X: a\rb', 'X: a\nb', 'X: a\r\rb', 'X: a\x01b',
  'X: a\x7fb', 'X\x80: y', '\xefX: y', 'X(: y', 'X@: y', 'X{: y', 'X[: y', '"X": y', 'X\\: y', 'X/: y', 'X=: y', 'X;: y', 'X,: y',
  `X: y${EOL} z`, `X: y${EOL}\tz`, `X: y${EOL} ${EOL} z`, 'X: y\r', 'X: y\n', '\nX: y', '\rX: y', '\0',
  'Host: 127.0.0.1', 'Host: evil.test', 'host:', 'Cookie : a=b', 'Authorization: a\r\nAuthorization: b', 'Origin: a\r\nOrigin: b',
  'Expect: 200-ok', 'Expect: 100-continue, x', 'Upgrade: websocket\r\nConnection: Upgrade',
  'Upgrade: websocket\r\nConnection: Upgrade\r\nContent-Length: 5', 'Upgrade: websocket\r\nConnection: Upgrade\r\nTransfer-Encoding: chunked',
].map((lines): DesyncCase => ({
  name: show(lines),
  message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}${lines}${EOL}${EOL}`,
})) // biome-ignore format: a table

const goodHeaderLines = [
  'X:', 'X:y', 'X: y ', 'X:\ty', 'X: \xe9', 'X: a: b', 'X: ,', 'Content-Length: 0', 'Content_Length: 5', 'Transfer_Encoding: chunked',
  'Content-Lengthx: 5', 'X-Content-Length: 5', 'X-Transfer-Encoding: chunked', 'Transfer-Encodin: chunked', 'Connection: Content-Length',
  'Connection: Transfer-Encoding', 'Connection: Host', 'Connection: Cookie', 'Connection: keep-alive, X, , ', 'Keep-Alive: timeout=5',
  'Proxy-Connection: keep-alive', 'TE: trailers', 'Trailer: Content-Length', 'Upgrade: h2c', 'Connection: Upgrade',
  'X-HTTP-Method-Override: POST',
].map((lines): DesyncCase => ({
  name: show(lines),
  message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}${lines}${EOL}${EOL}`,
  arrives: '',
})) // biome-ignore format: a table

const others: readonly DesyncCase[] = [
  {
    name: 'chunks in HTTP/1.0',
    message: (path, common) =>
      `POST ${path} HTTP/1.0${EOL}${common}Transfer-Encoding: chunked${EOL}${EOL}${CHUNKED_HELLO}`,
  },
  {
    name: 'chunks in HTTP/1.0 that wants to stay',
    message: (path, common) =>
      `POST ${path} HTTP/1.0${EOL}${common}Connection: keep-alive${EOL}Transfer-Encoding: chunked${EOL}${EOL}${CHUNKED_HELLO}`,
  },
  {
    name: 'a length and chunks in HTTP/1.0',
    message: (path, common) =>
      `POST ${path} HTTP/1.0${EOL}${common}Content-Length: 5${EOL}Transfer-Encoding: chunked${EOL}${EOL}${CHUNKED_HELLO}`,
  },
  {
    name: 'line feeds alone',
    message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}${EOL}`.replaceAll(EOL, '\n'),
  },
  {
    name: 'carriage returns alone',
    message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}${EOL}`.replaceAll(EOL, '\r'),
  },
  { name: 'a line feed at the end of the head', message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}\n` },
  { name: 'no Host', message: (path) => `GET ${path} HTTP/1.1${EOL}${EOL}` },
  {
    name: 'an empty line of blanks first',
    message: (path, common) => ` ${EOL}GET ${path} HTTP/1.1${EOL}${common}${EOL}`,
  },
  {
    name: 'a GET with content',
    message: (path, common) => `GET ${path} HTTP/1.1${EOL}${common}Content-Length: 5${EOL}${EOL}hello`,
    arrives: 'hello',
  },
  {
    name: 'a GET with chunks',
    message: (path, common) =>
      `GET ${path} HTTP/1.1${EOL}${common}Transfer-Encoding: chunked${EOL}${EOL}${CHUNKED_HELLO}`,
    arrives: 'hello',
  },
  {
    name: 'a DELETE with content',
    message: (path, common) => `DELETE ${path} HTTP/1.1${EOL}${common}Content-Length: 5${EOL}${EOL}hello`,
    arrives: 'hello',
  },
  {
    name: 'content that is a request',
    message: post('Content-Length: 32', `GET /content HTTP/1.1${EOL}A: bc${EOL}${EOL}`),
    arrives: `GET /content HTTP/1.1${EOL}A: bc${EOL}${EOL}`,
  },
  {
    name: 'a request that could go on in HTTP/2',
    message: (path, common) =>
      `GET ${path} HTTP/1.1${EOL}${common}Upgrade: h2c${EOL}Connection: Upgrade, HTTP2-Settings${EOL}HTTP2-Settings: AAMAAABkAAQAAP__${EOL}${EOL}`,
    arrives: '',
    endsConnection: true,
  },
  {
    name: 'one with content that could go on in another protocol',
    message: post(`Upgrade: TLS/1.2${EOL}Connection: upgrade${EOL}Content-Length: 5`, 'hello'),
    arrives: 'hello',
    endsConnection: true,
  },
  {
    name: 'one with chunks that could go on in another protocol',
    message: post(`Upgrade: x${EOL}Connection: upgrade${EOL}Transfer-Encoding: chunked`, CHUNKED_HELLO),
    arrives: 'hello',
    endsConnection: true,
  },
  {
    name: 'a length that Connection names',
    message: post(`Connection: Content-Length${EOL}Content-Length: 5`, 'hello'),
    arrives: 'hello',
  },
  {
    name: 'chunks that Connection names',
    message: post(`Connection: Transfer-Encoding${EOL}Transfer-Encoding: chunked`, CHUNKED_HELLO),
    arrives: 'hello',
  },
  {
    name: 'content that is waited for',
    message: post(`Expect: 100-continue${EOL}Content-Length: 5`, 'hello'),
    arrives: 'hello',
  },
]

export const desyncCases: readonly DesyncCase[] = [
  ...goodLengths,
  ...lengths,
  ...lengthLines,
  ...goodCodings,
  ...codings,
  ...codingLines,
  ...goodChunks,
  ...chunks,
  ...goodEnds,
  ...ends,
  ...goodRequestLines,
  ...badRequestLines,
  ...goodHeaderLines,
  ...headerLines,
  ...others,
]
