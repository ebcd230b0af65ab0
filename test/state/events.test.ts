import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isChangeEvent, isControlEvent, parseEvent } from 'streamwell/events'

const change = {
  type: 'user',
  key: '1',
  value: { name: 'Ada' },
  headers: { operation: 'insert' },
}

describe('reading an event', () => {
  it.each<[string, unknown]>([
    ['an insert', change],
    ['a delete without a value', { type: 'u', key: '1', headers: { operation: 'delete' } }],
    ['an upsert', { ...change, headers: { operation: 'upsert' } }],
    ['a plain value', { ...change, value: 0 }],
    ['a value of null', { ...change, value: null }],
    ['a strange key', { ...change, key: '__proto__', type: 'constructor' }],
    [
      'all headers',
      {
        ...change,
        headers: {
          operation: 'update',
          txid: 't',
          timestamp: '2025-12-23T10:30:00.5+01:00',
          from: 'ada',
          offset: '7',
          base: 'a',
        },
      },
    ],
  ])('takes %s', (_name, json) => {
    expect(parseEvent(json)).toEqual({ kind: 'change', event: json })
    expect(isChangeEvent(json)).toBe(true)
    expect(isControlEvent(json)).toBe(false)
  })

  it.each(['snapshot-start', 'snapshot-end', 'reset'])('takes %s', (control) => {
    const json = { headers: { control, offset: '7' } }
    expect(parseEvent(json)).toEqual({ kind: 'control', event: json })
    expect(isControlEvent(json)).toBe(true)
    expect(isChangeEvent(json)).toBe(false)
  })

  it.each<[string, unknown, string, string]>([
    ['text', 'hello', 'must be a JSON object', ''],
    ['a list', [change], 'must be a JSON object', ''],
    ['nothing', null, 'must be a JSON object', ''],
    ['foreign JSON', { hello: 'world' }, 'object of headers', 'headers'],
    ['no type', { ...change, type: '' }, 'type must be', 'type'],
    ['a number as key', { ...change, key: 1 }, 'key must be', 'key'],
    ['no value', { ...change, value: undefined }, '"insert" must have a value', 'value'],
    [
      'an unknown operation',
      { ...change, headers: { operation: 'merge' } },
      'Unknown operation "merge"',
      'headers.operation',
    ],
    [
      'an empty txid',
      { ...change, headers: { operation: 'insert', txid: '' } },
      'txid must be',
      'headers.txid',
    ],
    [
      'a date of another kind',
      { ...change, headers: { operation: 'insert', timestamp: 'yesterday' } },
      '"yesterday" is not RFC 3339',
      'headers.timestamp',
    ],
    [
      'a number as author',
      { ...change, headers: { operation: 'insert', from: 7 } },
      'from must be a string',
      'headers.from',
    ],
    [
      'an unknown control',
      { headers: { control: 'rewind' } },
      'Unknown control "rewind"',
      'headers.control',
    ],
    [
      'a control with a number as offset',
      { headers: { control: 'reset', offset: 7 } },
      'offset must be a string',
      'headers.offset',
    ],
  ])('says what is wrong with %s', (_name, json, message, path) => {
    const parsed = parseEvent(json)
    if (parsed.kind !== 'invalid') throw new Error(`taken as ${parsed.kind}`)
    expect(parsed.issues).toHaveLength(1)
    expect(parsed.issues[0]!.message).toContain(message)
    expect((parsed.issues[0]!.path ?? []).join('.')).toBe(path)
    expect(isChangeEvent(json)).toBe(false)
    expect(isControlEvent(json)).toBe(false)
  })

  it('never throws, whatever is in the stream', () => {
    const eventLike = fc.record(
      {
        type: fc.jsonValue(),
        key: fc.jsonValue(),
        value: fc.jsonValue(),
        headers: fc.oneof(
          fc.jsonValue(),
          fc.record(
            {
              operation: fc.jsonValue(),
              control: fc.jsonValue(),
              txid: fc.jsonValue(),
              timestamp: fc.jsonValue(),
              from: fc.jsonValue(),
              offset: fc.jsonValue(),
              base: fc.jsonValue(),
            },
            { requiredKeys: [] },
          ),
        ),
      },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.oneof(fc.anything(), fc.jsonValue(), eventLike), (json) => {
        const parsed = parseEvent(json)
        expect(['change', 'control', 'invalid']).toContain(parsed.kind)
        expect(isChangeEvent(json)).toBe(parsed.kind === 'change')
        expect(isControlEvent(json)).toBe(parsed.kind === 'control')
        if (parsed.kind !== 'invalid') return
        expect(parsed.issues.length).toBeGreaterThan(0)
        for (const { message } of parsed.issues) expect(message).toMatch(/^.{8,200}$/s)
      }),
      { numRuns: 2_000 },
    )
  })
})
