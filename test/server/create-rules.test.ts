import { expect, it } from 'vitest'
import { decideCreate, type ReadyCreate } from '../../dev-server/operations/create.ts'
import type { StreamRecord } from '../../dev-server/index.ts'

const NOW = Date.UTC(2030, 0, 1)
const wanted: ReadyCreate = {
  id: 'new',
  contentType: 'application/json',
  expiry: { kind: 'never' },
  closed: false,
  data: new Uint8Array(),
}
const found: StreamRecord = {
  id: 'old',
  contentType: 'application/json',
  tail: 3,
  closed: false,
  expiry: { kind: 'never' },
}
const ttl = (ttlSeconds: number, usedAt = NOW) => ({ kind: 'sliding', ttlSeconds, usedAt }) as const
const at = (time: string) => ({ kind: 'absolute', at: time }) as const

const decide = (stored: StreamRecord | undefined, command: ReadyCreate, maxStreams = 10) =>
  decideCreate('a', stored, command, { registry: undefined, maxStreams }, NOW)

it.each<[string, Partial<StreamRecord>, Partial<ReadyCreate>, string]>([
  ['the same configuration', {}, {}, 'exists'],
  ['the same type with a parameter', {}, { contentType: 'Application/JSON; a=b' }, 'exists'],
  ['another type', {}, { contentType: 'text/plain' }, 'conflict'],
  ['the same TTL, begun earlier', { expiry: ttl(9, NOW - 1) }, { expiry: ttl(9) }, 'exists'],
  ['another TTL', { expiry: ttl(9) }, { expiry: ttl(8) }, 'conflict'],
  ['no expiry where there is one', { expiry: ttl(9) }, {}, 'conflict'],
  [
    'the same moment, written otherwise',
    { expiry: at('2031-01-01T00:00:00Z') },
    { expiry: at('2031-01-01T01:00:00+01:00') },
    'exists',
  ],
  ['another moment', { expiry: at('2031-01-01T00:00:00Z') }, { expiry: ttl(9) }, 'conflict'],
  ['open where it is closed', { closed: true }, {}, 'conflict'],
  ['a stream whose TTL ran out', { expiry: ttl(9, NOW - 9000) }, {}, 'expired'],
  ['a stream past its moment', { expiry: at('2029-12-31T23:59:59Z') }, {}, 'expired'],
  ['what only forks keep', { softDeleted: true }, {}, 'soft-deleted'],
  ['a fork where there is none', {}, { fork: { path: 's' } }, 'conflict'],
])('a creation that asks for %s', (_name, record, command, kind) => {
  const { outcome } = decide({ ...found, ...record }, { ...wanted, ...command })
  expect(outcome.kind).toBe(kind)
})

it('leaves the content of a stream that exists alone', () => {
  const again = { ...wanted, data: new Uint8Array(8) }
  expect(decide(found, again).change).toBeUndefined()
})
