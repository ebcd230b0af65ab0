import { type } from 'arktype'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { type ChangeEvent, createStateSchema, type StateSchema } from 'streamwell/events'
import { createStreamDB } from 'streamwell/state'
import { eventually } from '../support/eventually.ts'
import { chatUrl, plain, someoneElse } from './chat.ts'

/** What a writer gives: a date as text, and the number of likes or not. */
interface PostInput {
  id: string
  at: string
  likes?: number | undefined
}

/** What a reader has: the date as a date, and no likes as 0. */
interface Post {
  id: string
  at: Date
  likes: number
}

const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

const byZod = z.object({
  id: z.string(),
  at: z.iso.datetime().transform((at) => new Date(at)),
  likes: z.number().default(0),
})

const byValibot = v.object({
  id: v.string(),
  at: v.pipe(
    v.string(),
    v.regex(DATE),
    v.transform((at) => new Date(at)),
  ),
  likes: v.optional(v.number(), 0),
})

const byArktype = type({ id: 'string', at: 'string.date.iso.parse', likes: 'number = 0' })

const byHand: StandardSchemaV1<PostInput, Post> = {
  '~standard': {
    version: 1,
    vendor: 'my-app',
    validate(value) {
      const { id, at, likes = 0 } = value as PostInput
      if (typeof id !== 'string') return { issues: [{ message: 'No id', path: ['id'] }] }
      if (!DATE.test(at)) return { issues: [{ message: 'No date', path: [{ key: 'at' }] }] }
      return { value: { id, at: new Date(at), likes } }
    },
  },
}

type PostSchema = StandardSchemaV1<PostInput, Post>

const define = <Schema extends PostSchema>(
  schema: Schema,
): StateSchema<{ posts: { schema: Schema; type: 'post'; primaryKey: 'id' } }> =>
  createStateSchema({ posts: { schema, type: 'post', primaryKey: 'id' } })

const AT = '2026-01-01T00:00:00Z'

describe.each<[string, PostSchema]>([
  ['zod', byZod],
  ['valibot', byValibot],
  ['arktype', byArktype as unknown as PostSchema],
  ['a Standard Schema written by hand', byHand],
])('rows defined by %s', (_library, schema) => {
  const { posts } = define(schema)

  it('are written as the schema takes them in', () => {
    expect(posts.insert({ value: { id: '1', at: AT } })).toEqual({
      type: 'post',
      key: '1',
      value: { id: '1', at: AT },
      headers: { operation: 'insert' },
    })
  })

  it('are refused with the field that is wrong', () => {
    const invalid = (message: RegExp): Error =>
      expect.objectContaining({ code: 'invalid', message: expect.stringMatching(message) })
    expect(() => posts.insert({ value: { id: '1', at: 'today' } })).toThrow(
      invalid(/^posts.insert: as JSON, the value breaks the schema: at: ./),
    )
    expect(() => posts.update({ value: { at: AT } as PostInput })).toThrow(
      invalid(/^posts.update: as JSON, the value breaks the schema: id: ./),
    )
  })

  it('are read as the schema gives them, with defaults and transforms', async () => {
    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append(posts.insert({ value: { id: '1', at: AT } }))
    await other.append({ type: 'post', key: '2', value: { id: 2 }, headers: OPERATION })
    await other.append(posts.insert({ value: { id: '3', at: AT, likes: 3 } }))

    const db = createStreamDB({ streamOptions: { url }, state: define(schema) })
    await db.preload()
    const rows = [...db.collections.posts.values()].map(plain)
    expect(rows).toEqual([
      { id: '1', at: new Date(AT), likes: 0 },
      { id: '3', at: new Date(AT), likes: 3 },
    ])
    expect(db.counts).toMatchObject({ applied: 2, invalid: 1 })

    const write = db.collections.posts.insert({ id: '4', at: AT })
    expect(plain(db.collections.posts.get('4'))).toEqual({ id: '4', at: new Date(AT), likes: 0 })
    await write.isPersisted.promise
    await eventually(() => expect(db.collections.posts.size).toBe(3))
    db.close()
  })
})

const OPERATION = { operation: 'insert' }

it('the types of rows are those of each library', () => {
  type WrittenBy<Helper extends (...args: never[]) => unknown> = ReturnType<Helper>
  const [zod, valibot, arktype, hand] = [
    createStateSchema({ posts: { schema: byZod, type: 'post', primaryKey: 'id' } }),
    createStateSchema({ posts: { schema: byValibot, type: 'post', primaryKey: 'id' } }),
    createStateSchema({ posts: { schema: byArktype, type: 'post', primaryKey: 'id' } }),
    createStateSchema({ posts: { schema: byHand, type: 'post', primaryKey: 'id' } }),
  ]
  expectTypeOf<WrittenBy<typeof zod.posts.insert>>().toEqualTypeOf<ChangeEvent<PostInput>>()
  expectTypeOf<WrittenBy<typeof valibot.posts.insert>>().toEqualTypeOf<ChangeEvent<PostInput>>()
  expectTypeOf<WrittenBy<typeof arktype.posts.insert>['value']>().toExtend<PostInput | undefined>()
  expectTypeOf<WrittenBy<typeof hand.posts.insert>>().toEqualTypeOf<ChangeEvent<PostInput>>()

  const options = { streamOptions: { url: 'http://127.0.0.1:1/nowhere' }, live: false } as const
  const db = createStreamDB({ ...options, state: zod })
  type RowOf<Schema extends StandardSchemaV1> = StandardSchemaV1.InferOutput<Schema>
  type Read<Posts extends { get: (key: string) => unknown }> = NonNullable<ReturnType<Posts['get']>>
  expectTypeOf<Pick<Read<typeof db.collections.posts>, keyof Post>>().toEqualTypeOf<Post>()
  expectTypeOf<RowOf<typeof valibot.posts.schema>>().toEqualTypeOf<Post>()
  expectTypeOf<RowOf<typeof arktype.posts.schema>>().toEqualTypeOf<Post>()
  expectTypeOf<RowOf<typeof hand.posts.schema>>().toEqualTypeOf<Post>()
  // @ts-expect-error a row is written with a date as text
  expect(() => db.collections.posts.insert({ id: '1', at: new Date() })).toBeDefined()
})

describe('a validator that is asynchronous', () => {
  const id = z.string().refine(async () => true)

  it('altogether, is refused where it is defined', () => {
    const schema = v.objectAsync({
      id: v.pipeAsync(
        v.string(),
        v.checkAsync(async () => true),
      ),
    })
    expect(() => createStateSchema({ users: { schema, type: 'user', primaryKey: 'id' } })).toThrow(
      expect.objectContaining({
        code: 'invalid',
        message: expect.stringMatching(/^Collection "users": .*asynchronously.*take the async/),
      }) as Error,
    )
  })

  it('only for some values, is refused where it is first seen, and never lets a row pass', async () => {
    const schema = createStateSchema({
      users: { schema: z.object({ id }), type: 'user', primaryKey: 'id' },
    })
    expect(() => schema.users.insert({ value: { id: '1' } })).toThrow('asynchronously')

    const url = await chatUrl()
    const other = await someoneElse(url)
    await other.append({ type: 'user', key: '1', value: { id: '1' }, headers: OPERATION })
    const issues: string[] = []
    const db = createStreamDB({
      streamOptions: { url },
      state: schema,
      onInvalid: (invalid) => issues.push(invalid.issues[0]!.message),
    })
    await db.preload()
    expect(db.collections.users.size).toBe(0)
    expect(issues).toEqual([expect.stringContaining('asynchronously')])
    expect(() => db.collections.users.insert({ id: '2' })).toThrow('asynchronously')
    db.close()
  })
})
