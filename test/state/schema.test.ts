import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { createStateSchema, type ChangeEvent, type StateSchema } from 'streamwell/events'

const schema = createStateSchema({
  users: {
    schema: z.object({
      id: z.string(),
      name: z.string().min(1),
      age: z.coerce.number().optional(),
    }),
    type: 'user',
    primaryKey: 'id',
  },
  messages: {
    schema: z.object({ nr: z.number(), sentAt: z.iso.datetime().transform((at) => new Date(at)) }),
    type: 'message',
    primaryKey: 'nr',
  },
})

const refused = (message: string): unknown =>
  expect.objectContaining({ code: 'invalid', message: expect.stringContaining(message) })

describe('the events of a collection', () => {
  it('are labelled by its type and keyed by its primary key', () => {
    expect(schema.users.insert({ value: { id: '1', name: 'Ada' } })).toEqual({
      type: 'user',
      key: '1',
      value: { id: '1', name: 'Ada' },
      headers: { operation: 'insert' },
    })
    expect(schema.users.upsert({ value: { id: '1', name: 'Ada' }, key: 'a' })).toMatchObject({
      key: 'a',
      headers: { operation: 'upsert' },
    })
  })

  it('carry the old value, the txid, the time, the author, and the version they were made from', () => {
    const event = schema.users.update({
      value: { id: '1', name: 'Ada' },
      oldValue: { id: '1', name: 'Bob' },
      headers: { txid: 't2', timestamp: '2026-01-01T00:00:00Z', from: 'ada', base: 't1' },
    })
    expect(event).toEqual({
      type: 'user',
      key: '1',
      value: { id: '1', name: 'Ada' },
      old_value: { id: '1', name: 'Bob' },
      headers: {
        operation: 'update',
        txid: 't2',
        timestamp: '2026-01-01T00:00:00Z',
        from: 'ada',
        base: 't1',
      },
    })
  })

  it('delete by a key, or by the row that goes', () => {
    expect(schema.users.delete({ key: '1' })).toEqual({
      type: 'user',
      key: '1',
      headers: { operation: 'delete' },
    })
    expect(schema.users.delete({ oldValue: { id: '2', name: 'Bob' } }).key).toBe('2')
  })

  it('carry what was put in: a transform is applied by readers, and once', () => {
    const sentAt = '2026-01-01T00:00:00Z'
    expect(schema.messages.insert({ value: { nr: 7, sentAt } })).toMatchObject({
      key: '7',
      value: { nr: 7, sentAt },
    })
  })

  it('take numbers as keys, and any text, however strange', () => {
    const sentAt = '2026-01-01T00:00:00Z'
    for (const nr of [0, -1, 1.5, Number.MAX_SAFE_INTEGER]) {
      expect(schema.messages.insert({ value: { nr, sentAt } }).key).toBe(String(nr))
    }
    for (const id of ['__proto__', 'constructor', '0', ' ', 'ключ', '🔑', 'a/b?c#d']) {
      const event = schema.users.insert({ value: { id, name: 'Ada' } })
      expect([event.key, event.value]).toEqual([id, { id, name: 'Ada' }])
      expect(schema.users.delete({ key: id }).key).toBe(id)
    }
  })

  it('may be of a given key that the value does not have, as a row of a settings table is', () => {
    const { settings } = createStateSchema({
      settings: { schema: z.object({ dark: z.boolean() }), type: 'setting', primaryKey: 'dark' },
    })
    expect(settings.upsert({ key: 'theme', value: { dark: true } })).toMatchObject({
      key: 'theme',
      value: { dark: true },
    })
    expect(() => settings.upsert({ value: { dark: true } })).toThrow(refused('no key') as Error)
  })

  it('do not follow later changes to the object they were made from', () => {
    const value = { id: '1', name: 'Ada' }
    const event = schema.users.insert({ value })
    value.name = 'Bob'
    expect(event.value).toEqual({ id: '1', name: 'Ada' })
  })

  it('leave out the marks that a row of TanStack DB wears', () => {
    const marks = { $synced: true, $origin: 'local', $key: '1', $collectionId: 'c' }
    const value = { id: '1', name: 'Ada', ...marks, $hasPendingWrites: false }
    expect(schema.users.update({ value }).value).toEqual({ id: '1', name: 'Ada' })
    expect(
      schema.users.update({ value: { id: '1', name: 'Ada', ...{ $key: 'mine' } } }).value,
    ).toEqual({ id: '1', name: 'Ada', $key: 'mine' })
  })

  it('have the types of the schema', () => {
    expectTypeOf(schema.messages.insert).returns.toEqualTypeOf<
      ChangeEvent<{ nr: number; sentAt: string }>
    >()
    // @ts-expect-error a user has a name
    const wrong = (): unknown => schema.users.insert({ value: { id: '1' } })
    expect(wrong).toThrow()
  })

  it.each<[string, () => unknown, string]>([
    [
      'a value that breaks the schema',
      () => schema.users.insert({ value: { id: '1', name: '' } }),
      'users.insert: as JSON, the value breaks the schema: name: Too small',
    ],
    [
      'a value that JSON turns into another',
      () => schema.users.insert({ value: { id: '1', name: 'Ada', age: 1n } }),
      'users.insert: the value cannot be written as JSON',
    ],
    [
      'a plain value',
      () => schema.users.insert({ value: 42 as never }),
      'users.insert: a row must be an object, got a number: wrap it',
    ],
    ['a list', () => schema.users.update({ value: [] as never }), 'got an array'],
    ['nothing', () => schema.users.upsert({ value: null as never }), 'got null'],
    ['a date', () => schema.users.upsert({ value: new Date(0) as never }), 'as JSON it is 1970'],
    ['an empty key', () => schema.users.delete({ key: '' }), 'key must be a non-empty string'],
    ['no key', () => schema.users.delete({}), 'string or number "id"'],
    [
      'a key that is a number, where it is given',
      () => schema.users.delete({ key: 7 as never }),
      'key must be',
    ],
    [
      'a date that is not RFC 3339',
      () => schema.users.delete({ key: '1', headers: { timestamp: 'today' } }),
      'timestamp "today" is not RFC 3339',
    ],
    [
      'an empty txid',
      () => schema.users.delete({ key: '1', headers: { txid: '' } }),
      'headers.txid: txid must be',
    ],
  ])('refuse %s', (_name, make, message) => {
    expect(make).toThrow(refused(message) as Error)
  })
})

describe('defining a schema', () => {
  const users = { schema: z.object({ id: z.string() }), type: 'user', primaryKey: 'id' } as const

  it.each<[string, () => unknown, string]>([
    [
      'one type for two collections',
      () => createStateSchema({ users, people: users }),
      'Collection "people": type "user" is taken by "users"',
    ],
    ['a reserved name', () => createStateSchema({ constructor: users }), 'reserved'],
    [
      'a name that JavaScript reads otherwise',
      () => createStateSchema({ ['__proto__']: users }),
      'Collection "__proto__": the name is reserved',
    ],
    [
      'no schema',
      () => createStateSchema({ users: { ...users, schema: undefined as never } }),
      'must be a Standard Schema',
    ],
    ['no type', () => createStateSchema({ users: { ...users, type: '' } }), 'type must be'],
    [
      'no primary key',
      () => createStateSchema({ users: { ...users, primaryKey: '' as never } }),
      'primaryKey must name the field',
    ],
  ])('refuses %s', (_name, define, message) => {
    expect(define).toThrow(refused(message) as Error)
  })

  it('knows the fields that can be a primary key', () => {
    // @ts-expect-error there is no such field
    createStateSchema({ users: { ...users, primaryKey: 'email' } })
  })

  it('works with a schema written by hand', () => {
    const byHand: StandardSchemaV1<{ id: string }> = {
      '~standard': {
        version: 1,
        vendor: 'my-app',
        validate: (value) =>
          typeof (value as { id?: unknown }).id === 'string'
            ? { value: value as { id: string } }
            : { issues: [{ message: 'No id', path: [{ key: 'id' }] }] },
      },
    }
    const { things } = createStateSchema({
      things: { schema: byHand, type: 'thing', primaryKey: 'id' },
    })
    expect(things.insert({ value: { id: '1' } }).key).toBe('1')
    expect(() => things.insert({ value: {} as never })).toThrow(refused('id: No id') as Error)
  })

  it.each<[string, Validate, string]>([
    [
      'throws',
      () => {
        throw new Error('boom')
      },
      'The schema threw: boom',
    ],
    ['gives no object', () => ({ value: 1 as never }), 'must give an object'],
    [
      'turns asynchronous over some values',
      (value) =>
        Object.keys(value as object).length > 0 ? promised(value) : { value: {} as never },
      'asynchronously',
    ],
  ])('writes nothing by a schema that %s', (_name, validate, message) => {
    const { things } = defineThings(validate)
    expect(() => things.insert({ value: { id: '1' } })).toThrow(refused(message) as Error)
  })

  it.each<[string, Validate]>([
    ['validates asynchronously', promised],
    ['rejects', () => Promise.reject(new Error('later'))],
  ])('refuses a schema that %s, with the way out', (_name, validate) => {
    expect(() => defineThings(validate)).toThrow(
      refused('Collection "things": The schema validates asynchronously') as Error,
    )
    expect(() => defineThings(validate)).toThrow(refused('take the async refinement') as Error)
  })
})

type Validate = StandardSchemaV1<unknown, { id: string }>['~standard']['validate']

const promised: Validate = async (value) => ({ value: value as never })

function defineThings(validate: Validate): StateSchema<{ things: ThingDefinition }> {
  const schema: StandardSchemaV1<unknown, { id: string }> = {
    '~standard': { version: 1, vendor: 'my-app', validate },
  }
  return createStateSchema({ things: { schema, type: 'thing', primaryKey: 'id' } })
}

interface ThingDefinition {
  schema: StandardSchemaV1<unknown, { id: string }>
  type: 'thing'
  primaryKey: 'id'
}
