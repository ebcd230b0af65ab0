import { onTestFinished } from 'vitest'
import { z } from 'zod'
import { DurableStream } from 'streamwell'
import {
  createStateSchema,
  type StateSchema,
  createStreamDB,
  type StreamDB,
  type StreamDBOptions,
} from 'streamwell/state'
import type { ActionDefinitions } from '../../src/state/db/actions.ts'
import { startServer } from '../support/server.ts'

type User = z.ZodObject<{
  id: z.ZodString
  name: z.ZodString
  role: z.ZodDefault<z.ZodString>
}>
type Message = z.ZodObject<{ id: z.ZodString; userId: z.ZodString; text: z.ZodString }>
type Visit = z.ZodObject<{
  id: z.ZodNumber
  at: z.ZodPipe<z.ZodISODateTime, z.ZodTransform<Date, string>>
}>

type Collection<Schema extends z.ZodType> = { schema: Schema; type: string; primaryKey: 'id' }

export type ChatDefinition = {
  users: Collection<User>
  messages: Collection<Message>
  visits: Collection<Visit>
}

/** The collections that these tests are about: a chat. */
export const schema: StateSchema<ChatDefinition> = createStateSchema<ChatDefinition>({
  users: {
    schema: z.object({ id: z.string(), name: z.string(), role: z.string().default('guest') }),
    type: 'user',
    primaryKey: 'id',
  },
  messages: {
    schema: z.object({ id: z.string(), userId: z.string(), text: z.string().min(1) }),
    type: 'message',
    primaryKey: 'id',
  },
  visits: {
    schema: z.object({ id: z.number(), at: z.iso.datetime().transform((at) => new Date(at)) }),
    type: 'visit',
    primaryKey: 'id',
  },
})

type Options<Definitions extends ActionDefinitions> = Omit<
  StreamDBOptions<ChatDefinition, Definitions>,
  'state'
>

/** A database on the chat at `url`, closed when the test ends. */
export function openChat<Definitions extends ActionDefinitions = Record<never, never>>(
  url: string,
  options: Options<Definitions> = {},
): StreamDB<ChatDefinition, Definitions> {
  const db = createStreamDB<ChatDefinition, Definitions>({
    ...(options.stream ? {} : { streamOptions: { url, backoff: FAST } }),
    ...options,
    state: schema,
  })
  onTestFinished(() => db.close())
  return db
}

export const FAST = { firstDelayMs: 5, maxDelayMs: 20 }

/** The address of a chat that is on no server yet, on a server of the test. */
export async function chatUrl(): Promise<string> {
  const { url } = await startServer()
  return `${url}/chat`
}

/** A handle for writing to the chat as someone else, with the stream made. */
export async function someoneElse(url: string): Promise<DurableStream> {
  return DurableStream.create({ url, contentType: 'application/json', backoff: FAST })
}

/** A row as its user wrote it, without the marks of TanStack DB. */
export function plain<Row extends object>(
  row: Row | undefined,
): Record<string, unknown> | undefined {
  if (!row) return undefined
  return Object.fromEntries(Object.entries(row).filter(([name]) => !name.startsWith('$')))
}

/** The rows of a collection by key. */
export function rowsOf(collection: {
  entries: () => Iterable<[string, object]>
}): Record<string, unknown> {
  return Object.fromEntries([...collection.entries()].map(([key, row]) => [key, plain(row)]))
}
