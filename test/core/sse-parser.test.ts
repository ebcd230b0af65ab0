import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSseReader, type SseMessage } from '../support/sse-messages.ts'

const wire =
  'event: data\r\ndata: a\r\ndata: b\r\n\r\nevent: control\ndata: {}\n\n: note\rid: 7\rdata:x\r\rdata\n\n'
const messages: SseMessage[] = [
  { event: 'data', data: 'a\nb' },
  { event: 'control', data: '{}' },
  { event: '', data: 'x' },
  { event: '', data: '' },
]

it('reads the same messages wherever the wire is cut', () => {
  for (let i = 0; i <= wire.length; i++) {
    for (let j = i; j <= wire.length; j++) {
      const chunks = [wire.slice(0, i), wire.slice(i, j), wire.slice(j)]
      expect(chunks.flatMap(createSseReader()), `cut at ${i} and ${j}`).toEqual(messages)
    }
  }
})

it('keeps a message that was never ended to itself', () => {
  expect(['event: data\n', 'data: half\n'].flatMap(createSseReader())).toEqual([])
})

it('gives back any payload that was written line by line', () => {
  const payload = fc.array(
    fc.string().map((text) => text.replace(/[\r\n]/g, '')),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(payload, fc.constantFrom('\n', '\r', '\r\n'), fc.nat(), (lines, end, cut) => {
      const text = `${lines.map((line) => `data: ${line}${end}`).join('')}${end}`
      const at = cut % (text.length + 1)
      const read = [text.slice(0, at), text.slice(at)].flatMap(createSseReader())
      expect(read).toEqual([{ event: '', data: lines.join('\n') }])
    }),
  )
})

/** What the specification says, step by step, of a whole text. */
function readWhole(text: string): SseMessage[] {
  const messages: SseMessage[] = []
  let event = ''
  let data = ''
  // What stands after the last line end is no line.
  const lines = text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\r|\n/)
    .slice(0, -1)
  for (const line of lines) {
    const [, field, value = ''] = /^([^:]*)(?:: ?([^]*))?$/.exec(line)!
    if (field === 'event') event = value
    if (field === 'data') data += `${value}\n`
    if (line !== '') continue
    if (data !== '') messages.push({ event, data: data.slice(0, -1) })
    event = data = ''
  }
  return messages
}

const piece = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('\r', '\n', '\r\n', '\n\n', '\r\n\r\n', '\r\r') },
  {
    weight: 3,
    arbitrary: fc.constantFrom('data:', 'data: ', 'data', 'event: ', 'event:', ':', ' '),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('\uFEFF', 'é', '漢', '🎈', '\u2028', '\0', 'id: 1', 'data : x'),
  },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
)

it('reads any text as the specification says, wherever its bytes are cut', () => {
  const text = fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''))
  fc.assert(
    fc.property(text, fc.array(fc.nat({ max: 5 })), (wire, sizes) => {
      const bytes = new TextEncoder().encode(wire)
      const decoder = new TextDecoder()
      const parse = createSseReader()
      const read: SseMessage[] = []
      let at = 0
      for (const size of [...sizes, bytes.length]) {
        const chunk = bytes.subarray(at, at + size)
        read.push(...parse(decoder.decode(chunk, { stream: true })))
        at += size
      }
      expect(read).toEqual(readWhole(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)))
    }),
    { numRuns: 2000 },
  )
})
