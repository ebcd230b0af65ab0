/** A request as bytes in latin1, and what may be expected of it. */
export interface HostileRequest {
  text: string
  /**
   * `whole`: it is answered, and the connection goes on. `broken`: the server may answer, and must
   * hang up. `unfinished`: the rest never comes.
   */
  kind: 'whole' | 'broken' | 'unfinished'
}

/** Numbers in [0, 1), the same for the same seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const PREFIX = '/v1/stream'
const HUGE = '9'.repeat(400)

const NAMES = [
  ...['a', 'b', 'c/d', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '__registry__'],
  ...[
    '%5f%5fproto%5f%5f',
    'caf%c3%a9',
    'a%2fb',
    '%00',
    '%zz',
    '%',
    '%e2%82',
    '%ed%a0%80',
    '..',
    '.',
  ],
  ...[
    '',
    '/',
    '//',
    'a//b',
    'a/',
    '../..',
    '..%2f..',
    '@:@:@',
    '*',
    '**',
    'a;b',
    'a&b=c',
    '~',
    '-1',
  ],
  ...['x'.repeat(1024), 'x'.repeat(1025), 'x'.repeat(4000), '%41'.repeat(1025), 'now', 'null', '0'],
]
const RESERVED = [
  ...['__ds', '__ds/', '__ds/jwks.json', '__ds/subscriptions', '__ds/subscriptions/s', '__ds/x'],
  ...['__ds/subscriptions/__proto__', '__ds/subscriptions/s/claim', '__ds/subscriptions/s/ack'],
  ...[
    '__ds/subscriptions/s/release',
    '__ds/subscriptions/s/callback',
    '__ds/subscriptions/s/streams',
  ],
  ...[
    '__ds/subscriptions/s/streams/a',
    '__ds/live',
    '__ds/live/',
    '__ds/subscriptions/%00/claim',
    `__ds/${HUGE}`,
    '__ds/../a',
  ],
]
const OFFSETS = [
  ...[
    '-1',
    'now',
    '0'.repeat(16),
    '0000000000000004',
    '9'.repeat(16),
    HUGE,
    '',
    '-2',
    '1e3',
    '%00',
  ],
  ...[
    '0'.repeat(17),
    '9007199254740993',
    '__proto__',
    'null',
    '-1&offset=now',
    '+1',
    '0x10',
    '%ff',
  ],
]
const QUERIES = [
  ...['&live=sse', '&live=long-poll', '&live=sse&live=sse', '&live=', '&live=websocket', '&x=y'],
  ...[
    '&cursor=1',
    `&cursor=${HUGE}`,
    '&cursor=',
    '&cursor=-1&live=long-poll',
    '&live=long-poll&cursor=x',
  ],
  ...['&__proto__=1', '&%zz=%', '&', '&&&', '#x', `&q=${'q'.repeat(5000)}`],
]
const COUNTS = [
  '0',
  '1',
  '2',
  '-1',
  '+1',
  '01',
  '1.5',
  '1e3',
  '',
  ' ',
  HUGE,
  'NaN',
  '9007199254740992',
  '0, 0',
]
const TYPES = [
  ...[
    'application/json',
    'application/json; charset=utf-8',
    'APPLICATION/JSON',
    'text/plain',
    'text/html',
  ],
  ...[
    'application/octet-stream',
    'image/svg+xml',
    'x',
    '/',
    'a/b;;;',
    '*/*',
    'text/plain;, text/html',
  ],
  ...['', ' ', '"', `a/${'b'.repeat(3000)}`, '\xff/\xff', 'multipart/form-data; boundary=x'],
]
const BODIES = [
  ...[
    '',
    '1',
    '[]',
    '[[]]',
    'null',
    '[null]',
    '"\xc3\xa9"',
    '"\xff"',
    '{"a":',
    '{"__proto__":1}',
    '{}',
  ],
  ...[
    '12345678901234567890',
    '1e400',
    '[1,2,3]',
    ' [ 1 , 2 ] ',
    '[1,]',
    '\xef\xbb\xbf1',
    '\0',
    '"\\u0000"',
  ],
  ...[
    '['.repeat(2000),
    '"\\ud800"',
    '{"a":1,"a":2}',
    'x'.repeat(3000),
    'x'.repeat(6000),
    '\r\n\r\n',
    'NaN',
  ],
  ...['{"type":"pull-wake","pattern":"**","wake_stream":"w"}', '{"type":"webhook","pattern":"*"}'],
  ...[
    '{"type":"pull-wake","pattern":"*****a*b","wake_stream":"w","lease_ttl_ms":1e9}',
    '{"type":"x"}',
  ],
  ...[
    '{"streams":["a"]}',
    '{"streams":[{"path":"a","offset":"-1"},{"path":"__proto__","offset":"now"}]}',
    '{"streams":[{"path":"a\\r\\nid: b","offset":"-1"}]}',
    '{"streams":[{"path":"\\ud800"},{"path":"c/d","offset":1}]}',
    '{"worker":"w"}',
    '{"wake_id":"w","generation":1,"done":true}',
    '{"acks":[1]}',
  ],
]
const DATES = [
  ...[
    '2030-01-01T00:00:00Z',
    '2000-01-01T00:00:00Z',
    '2030-99-01T00:00:00Z',
    'tomorrow',
    '',
    '0',
    HUGE,
  ],
  ...[
    `2030-01-01T00:00:00.${'9'.repeat(2000)}Z`,
    '275760-09-13T00:00:00Z',
    '2030-01-01T00:00:00+99:99',
  ],
]
const TAGS = ['*', '"x"', 'W/"x"', '"', '', ', '.repeat(500), '"a", '.repeat(500), '"0:0:0:tail"']
const IDS = [
  'p',
  '',
  ' ',
  '__proto__',
  'constructor',
  'p'.repeat(256),
  'p'.repeat(257),
  '\xff',
  'a, b',
  '%00',
]
const HOSTS = [
  'a',
  '',
  ' ',
  'a b',
  '[::1',
  'u:p@h',
  'http://a',
  '\xff\xff',
  'a:99999',
  '..',
  '%',
  'a/../b',
  '"',
]

const HEADERS: readonly (readonly [string, readonly string[]])[] = [
  ['stream-closed', ['true', 'TRUE', 'false', '1', '', 'true, true']],
  ['stream-ttl', COUNTS],
  ['stream-expires-at', DATES],
  ['stream-seq', ['1', 'a', '', HUGE, '\xff', '__proto__']],
  ['stream-expected-offset', OFFSETS],
  ['producer-id', IDS],
  ['producer-epoch', COUNTS],
  ['producer-seq', COUNTS],
  [
    'stream-forked-from',
    ['a', '/v1/stream/a', 'http://x/v1/stream/b', '', '%zz', '..', '__ds/x', HUGE, '__proto__'],
  ],
  ['stream-fork-offset', OFFSETS],
  ['stream-fork-sub-offset', COUNTS],
  ['if-none-match', TAGS],
  ['origin', ['https://a.example', 'null', '', '\xff', '*']],
  ['accept', ['text/event-stream', '*/*', '']],
  ['authorization', ['Bearer x', 'Bearer', '', `Bearer ${HUGE}`, 'Bearer a.b.c']],
  ['access-control-request-headers', ['x', '\xff', '*', 'x, '.repeat(500)]],
  ['expect', ['100-continue', '200-ok']],
  ['last-event-id', ['x', HUGE]],
  ['range', ['bytes=0-1']],
  ['upgrade', ['websocket']],
  ['__proto__', ['x']],
  ['constructor', ['x']],
  ['x', ['y'.repeat(3000), '\t', '\xa0']],
]
const METHODS = [
  'GET',
  'GET',
  'GET',
  'PUT',
  'PUT',
  'POST',
  'POST',
  'POST',
  'HEAD',
  'DELETE',
  'OPTIONS',
]
const RARE_METHODS = ['PATCH', 'TRACE', 'PROPFIND', 'M-SEARCH', 'LOCK', 'REPORT', 'PURGE', 'LINK']

/** One request after the other from a grammar of the protocol and of what may go wrong with it. */
export function hostileRequests(random: () => number): {
  whole: () => HostileRequest
  broken: () => HostileRequest
  unfinished: () => HostileRequest
} {
  const chance = (share: number): boolean => random() < share
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!

  function target(): string {
    if (chance(0.02))
      return pick(['/', '*', '/v1/stream', '/v1/stream/', '/v1', '/v1/streamx', '//x/v1/stream/a'])
    const path = `${PREFIX}/${chance(0.1) ? pick(RESERVED) : pick(NAMES)}`
    const query = chance(0.5) ? `?offset=${pick(OFFSETS)}${chance(0.4) ? pick(QUERIES) : ''}` : ''
    return `${chance(0.03) ? pick(['http://h', 'https://u:p@h', 'x://']) : ''}${path}${query}`
  }

  function headers(): string[] {
    const lines = [`host: ${chance(0.1) ? pick(HOSTS) : 'a'}`]
    if (chance(0.7)) lines.push(`content-type: ${chance(0.6) ? TYPES[0] : pick(TYPES)}`)
    if (chance(0.2)) {
      lines.push(
        `producer-id: ${pick(IDS)}`,
        `producer-epoch: ${pick(COUNTS)}`,
        `producer-seq: ${pick(COUNTS)}`,
      )
    }
    const more = Math.floor(random() * 3)
    for (let i = 0; i < more; i++) {
      const [name, values] = pick(HEADERS)
      lines.push(`${chance(0.2) ? name.toUpperCase() : name}: ${pick(values)}`)
      if (chance(0.1)) lines.push(lines.at(-1)!)
    }
    return lines
  }

  function framed(): string {
    const body = pick(BODIES)
    if (body === '' && chance(0.5)) return '\r\n'
    if (chance(0.7)) return `content-length: ${body.length}\r\n\r\n${body}`
    return `transfer-encoding: chunked\r\n\r\n${chunks(body)}0\r\n${chance(0.1) ? 'x: trailer\r\n' : ''}\r\n`
  }

  function chunks(body: string): string {
    const cut = Math.floor(random() * body.length)
    return [body.slice(0, cut), body.slice(cut)]
      .filter((part) => part !== '')
      .map((part) => `${part.length.toString(16)}${chance(0.1) ? ';x=y' : ''}\r\n${part}\r\n`)
      .join('')
  }

  function start(): string {
    return `${chance(0.05) ? pick(RARE_METHODS) : pick(METHODS)} ${target()} HTTP/1.1\r\n`
  }

  function breakage(): string {
    const head = `${start()}${headers().join('\r\n')}\r\n`
    return pick([
      () => `${head}content-length: -1\r\n\r\n`,
      () => `${head}content-length: ${HUGE}\r\n\r\n`,
      () => `${head}content-length: 1\r\ncontent-length: 2\r\n\r\nx`,
      () => `${head}content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      () => `${head}transfer-encoding: chunked\r\n\r\nzz\r\n`,
      () => `${head}transfer-encoding: chunked\r\n\r\n5\r\nxxxxxxx\r\n`,
      () => `${head}transfer-encoding: chunked\r\n\r\n${'f'.repeat(20)}\r\n`,
      () => `${head}transfer-encoding: chunked\r\n\r\n1;${'x'.repeat(20_000)}\r\nx\r\n0\r\n\r\n`,
      () => `${head}x: ${'x'.repeat(17_000)}\r\n\r\n`,
      () => `${head}${'x: yyyy\r\n'.repeat(5000)}\r\n`,
      () => `${head} folded: no\r\n\r\n`,
      () => `${head}no colon\r\n\r\n`,
      () => `${head}a b: c\r\n\r\n`,
      () => `${head}x: \0\r\n\r\n`,
      () => `${head}: nameless\r\n\r\n`,
      () => `GET ${PREFIX}/a HTTP/1.1\r\n\r\n`,
      () => `GET ${PREFIX}/a HTTP/9.9\r\nhost: a\r\n\r\n`,
      () => `GET ${PREFIX}/a\r\n\r\n`,
      () => `GET ${PREFIX}/a b HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => `GET ${PREFIX}/\x01 HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => `GET ${PREFIX}/${'a'.repeat(20_000)} HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => `BREW ${PREFIX}/a HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => `get ${PREFIX}/a HTTP/1.1\r\nhost: a\r\n\r\n`,
      () => 'CONNECT a:443 HTTP/1.1\r\nhost: a\r\n\r\n',
      () => 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      () => '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n',
      () => `${'\0'.repeat(100)}\r\n\r\n`,
    ])()
  }

  return {
    whole: () => ({ kind: 'whole', text: `${start()}${headers().join('\r\n')}\r\n${framed()}` }),
    broken: () => ({ kind: 'broken', text: breakage() }),
    unfinished() {
      const { text } = chance(0.7) ? this.whole() : this.broken()
      return { kind: 'unfinished', text: text.slice(0, Math.floor(random() * text.length)) }
    },
  }
}
