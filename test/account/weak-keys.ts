// Two hundred keys and more that somebody might write who does not know better: words, examples, what a keyboard suggests; bare, and
// made to look like a key.

const WORDS = [
  '',
  ' ',
  'secret',
  'password',
  'changeme',
  'spt3g',
  'gatehouse',
  'account-key',
  'hs256Secret',
  'jwt-secret-key',
  'your-256-bit-secret',
  'your-secret-key-at-least-32-bytes-long',
  'correct horse battery staple',
  'The quick brown fox jumps over the lazy dog',
  'supersecretsupersecretsupersecret',
  '0123456789abcdef0123456789abcdef',
  'abcdefghijklmnopqrstuvwxyzABCDEF',
  'qwertyuiopasdfghjklzxcvbnm123456',
  '00000000-0000-0000-0000-000000000000',
  '3f2504e0-4f89-11d3-9a0c-0305e82c3301',
  'd41d8cd98f00b204e9800998ecf8427e',
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  'TODO',
  'REPLACE_ME',
  '/run/secrets/account-key',
  'letmein',
  'hunter2hunter2hunter2hunter2hunter2',
  'S3cr3t!S3cr3t!S3cr3t!S3cr3t!S3cr3t!',
]

function base64(bytes: string | Buffer): string {
  return Buffer.from(bytes).toString('base64')
}

/** How somebody makes a key of a word. */
const FORMS: readonly ((word: string, at: number) => string)[] = [
  (word) => word,
  (word) => base64(word.padEnd(32, ' ').slice(0, 32)),
  (word) => base64(word.padEnd(32, '0')).slice(0, 44),
  (word) => base64(`${word}${word}${word}`.slice(0, 20)),
  (word) => base64((word || 'x').repeat(32).slice(0, 32)),
  (word) => Buffer.from((word || 'x').repeat(32).slice(0, 32)).toString('hex'),
  (_, at) => base64(Buffer.alloc(32, at)),
  (_, at) => base64(Buffer.from(Array.from({ length: 32 }, (_, index) => at + index))),
]

/** Each once: several ways lead to the same key where a word is long. */
export const weakKeys: readonly string[] = [...new Set(FORMS.flatMap((form) => WORDS.map(form)))]
