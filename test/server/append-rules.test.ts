import { describe, expect, it } from 'vitest'
import { decideAppend, type Append } from '../../dev-server/operations/append.ts'
import type { ProducerState, StreamRecord } from '../../dev-server/index.ts'

const NOW = 1_000_000
const stream: StreamRecord = {
  id: 's',
  contentType: 'text/plain',
  tail: 5,
  closed: false,
  seq: 'b',
  expiry: { kind: 'never' },
}
const hello: Append = {
  data: new TextEncoder().encode('hello'),
  contentType: 'Text/Plain; charset=utf-8',
  close: false,
}
const nothing: Append = { data: new Uint8Array(), close: false }
const known: ProducerState = { epoch: 2, seq: 7 }
const MAX_PRODUCERS = 2
const decide = (command: Partial<Append>, record: Partial<StreamRecord> = {}) =>
  decideAppend({ ...stream, ...record }, known, { ...hello, ...command }, MAX_PRODUCERS, NOW)
const verdict = ({ outcome }: ReturnType<typeof decide>): string =>
  outcome.kind === 'refused' ? outcome.reason.kind : outcome.kind

describe('an append from a producer at epoch 2, sequence 7', () => {
  it.each([
    ['the next sequence number', 2, 8, 'appended'],
    ['the number it sent last', 2, 7, 'duplicate'],
    ['a number it sent long ago', 2, 0, 'duplicate'],
    ['a number too far ahead', 2, 9, 'sequence-gap'],
    ['an older epoch', 1, 8, 'stale-epoch'],
    ['a newer epoch from zero', 3, 0, 'appended'],
    ['a newer epoch not from zero', 3, 1, 'epoch-not-from-zero'],
  ])('given %s', (_name, epoch, seq, expected) => {
    expect(verdict(decide({ producer: { id: 'p', epoch, seq } }))).toBe(expected)
  })

  it('must begin at zero when the server does not know it', () => {
    const command = { ...hello, producer: { id: 'new', epoch: 4, seq: 3 } }
    const decision = decideAppend(stream, undefined, command, MAX_PRODUCERS, NOW)
    expect(verdict(decision)).toBe('sequence-gap')
  })

  it('is a duplicate even after the stream was closed', () => {
    const repeated = decide({ producer: { id: 'p', epoch: 2, seq: 7 } }, { closed: true })
    expect(verdict(repeated)).toBe('duplicate')
  })

  it('moves the state of the producer in the same step as the data', () => {
    const { change } = decide({ producer: { id: 'p', epoch: 2, seq: 8 } })
    expect(change).toMatchObject({ append: hello.data, producer: { epoch: 2, seq: 8 } })
  })
})

describe('an append from a producer that never wrote to the stream', () => {
  const first = { producer: { id: 'new', epoch: 0, seq: 0 } }
  const decideFirst = (command: Partial<Append>, record: Partial<StreamRecord>) =>
    decideAppend({ ...stream, ...record }, undefined, { ...hello, ...first, ...command }, 2, NOW)

  it.each<[string, Partial<StreamRecord>, string, number | undefined]>([
    ['is the first', {}, 'appended', 1],
    ['is the last that there may be', { producers: 1 }, 'appended', 2],
    ['is one too many', { producers: 2 }, 'producers', undefined],
    ['is one too many for a closed stream', { producers: 2, closed: true }, 'closed', undefined],
  ])('%s', (_name, record, expected, producers) => {
    const decision = decideFirst({}, record)
    expect(verdict(decision)).toBe(expected)
    expect(decision.change?.kind === 'update' && decision.change.record.producers).toBe(
      producers ?? false,
    )
  })

  it('and closes what is closed is remembered only if there is room', () => {
    const close = { ...nothing, close: true }
    const [room, none] = [1, 2].map((producers) => decideFirst(close, { closed: true, producers }))
    expect(room!.change).toMatchObject({ record: { producers: 2 }, producer: { epoch: 0, seq: 0 } })
    expect([verdict(none!), none!.change]).toEqual(['already-closed', undefined])
  })
})

describe('an append', () => {
  it.each<[string, Partial<Append>, Partial<StreamRecord>, string]>([
    ['to a closed stream', {}, { closed: true }, 'closed'],
    ['of another content type', { contentType: 'text/html' }, {}, 'content-type'],
    ['of another type to a closed stream', { contentType: 'a/b' }, { closed: true }, 'closed'],
    ['of another type and a stale seq', { contentType: 'a/b', seq: 'a' }, {}, 'content-type'],
    ['with the seq of the last', { seq: 'b' }, {}, 'seq'],
    ['with a lesser seq', { seq: 'B' }, {}, 'seq'],
    ['with a greater seq', { seq: 'b1' }, {}, 'appended'],
    ['at another tail than expected', { expectedTail: 4 }, {}, 'tail'],
    ['at the expected tail', { expectedTail: 5 }, {}, 'appended'],
    ['to close a closed stream again', nothing, { closed: true }, 'already-closed'],
  ])('%s', (_name, command, record, expected) => {
    const decision = decide({ ...command, close: command === nothing }, record)
    expect(verdict(decision)).toBe(expected)
    expect(decision.change !== undefined).toBe(expected === 'appended')
  })

  it('moves the tail by the length of its data, and closes in the same step', () => {
    expect(decide({ close: true }).change).toMatchObject({ record: { tail: 10, closed: true } })
  })

  it('to a stream that expired has that removed first, and to one kept for its forks finds none', () => {
    const gone = { expiry: { kind: 'sliding', ttlSeconds: 10, usedAt: NOW - 10_000 } } as const
    expect(verdict(decide({}, gone))).toBe('expired')
    expect(verdict(decide({}, { ...gone, softDeleted: true }))).toBe('soft-deleted')
  })

  it('starts a sliding expiry over, repeated or not', () => {
    const sliding = { expiry: { kind: 'sliding', ttlSeconds: 10, usedAt: NOW - 9_999 } } as const
    const again = { producer: { id: 'p', epoch: 2, seq: 7 } }
    for (const { change } of [decide({}, sliding), decide(again, sliding)]) {
      expect(change).toMatchObject({ record: { expiry: { usedAt: NOW } } })
    }
  })

  it('that is repeated at once costs no write for the sake of the expiry', () => {
    const sliding = { expiry: { kind: 'sliding', ttlSeconds: 10, usedAt: NOW - 100 } } as const
    expect(decide({ producer: { id: 'p', epoch: 2, seq: 7 } }, sliding).change).toBeUndefined()
    expect(decide({}, sliding).change).toMatchObject({ record: { expiry: { usedAt: NOW } } })
  })
})
