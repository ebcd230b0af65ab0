import fc from 'fast-check'
import { expect, it } from 'vitest'
import { jsonLines, textLines } from '../../dev-server/http/sse-lines.ts'
import { createSseReader } from '../support/sse-messages.ts'

const decoder = new TextDecoder()

function parse(lines: Uint8Array): string[] {
  return createSseReader()(decoder.decode(lines)).map(({ data }) => data)
}

/** Text as a file of another system might hold it. */
const texts = fc
  .array(
    fc.constantFrom('\n', '\r', '\r\n', ' ', '  ', 'a', 'é', 'data:', ':', '\0', 'x'.repeat(100)),
  )
  .map((parts) => parts.join(''))

it('any text arrives as it was, but for the kind of its line ends', () => {
  fc.assert(
    fc.property(texts, (text) => {
      const received = parse(textLines(new TextEncoder().encode(text)))
      expect(received).toEqual([text.replace(/\r\n?/g, '\n')])
    }),
  )
})

it('any messages arrive as one array of their very text', () => {
  const messages = fc.array(
    fc.json().map((text) => text.replace(/[\r\n]/g, ' ')),
    { minLength: 1 },
  )
  fc.assert(
    fc.property(messages, (texts) => {
      const stored = new TextEncoder().encode(texts.map((text) => `${text},\n`).join(''))
      expect(parse(jsonLines(stored))).toEqual([`[${texts.join(',\n')}]`])
    }),
  )
})
