import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createSseParser, type SseMessage } from '../../src/core/sse-parser.ts'

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
      expect(chunks.flatMap(createSseParser()), `cut at ${i} and ${j}`).toEqual(messages)
    }
  }
})

it('keeps a message that was never ended to itself', () => {
  expect(['event: data\n', 'data: half\n'].flatMap(createSseParser())).toEqual([])
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
      const read = [text.slice(0, at), text.slice(at)].flatMap(createSseParser())
      expect(read).toEqual([{ event: '', data: lines.join('\n') }])
    }),
  )
})
