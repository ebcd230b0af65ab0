import { createStateSchema } from 'streamwell/state'
import { z } from 'zod'

export const MAX_NAME = 40
export const MAX_TEXT = 2000
export const EMOJIS = ['❤️', '😄', '😮', '☕'] as const

const id = z.string().min(1)

const user = z.object({
  id,
  name: z.string().trim().min(1).max(MAX_NAME),
  hue: z.number().min(0).max(360),
})

const message = z.object({
  id,
  userId: id,
  text: z.string().min(1).max(MAX_TEXT),
  /** One more than the highest that the writer had seen: an order that needs no one's clock. */
  order: z.number().int().nonnegative(),
  /** When the writer's clock said it was sent. Shown, never trusted. */
  sentAt: z.iso.datetime(),
})

const reaction = z.object({
  id,
  messageId: id,
  userId: id,
  emoji: z.enum(EMOJIS),
})

export type User = z.infer<typeof user>
export type Message = z.infer<typeof message>
export type Reaction = z.infer<typeof reaction>
export type Emoji = Reaction['emoji']

/** Three kinds of rows in one stream: whoever reads the room reads them all in one order. */
export const chatSchema = createStateSchema({
  users: { schema: user, type: 'user', primaryKey: 'id' },
  messages: { schema: message, type: 'message', primaryKey: 'id' },
  reactions: { schema: reaction, type: 'reaction', primaryKey: 'id' },
})
