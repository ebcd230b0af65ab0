import { createStateSchema, type StateSchema } from 'streamwell/events'
import { z } from 'zod'

export const COLOURS = ['sun', 'mint', 'sky', 'rose'] as const

export type Colour = (typeof COLOURS)[number]

export interface Note {
  id: string
  text: string
  by: string
  colour: Colour
  /** One more than the highest that the writer had seen: an order that needs no one's clock. */
  place: number
}

const note: z.ZodType<Note, Note> = z.object({
  id: z.string().min(1),
  text: z.string().trim().min(1).max(280),
  by: z.string().trim().min(1).max(40),
  colour: z.enum(COLOURS),
  place: z.number().int().nonnegative(),
})

/** One kind of row in the stream of notes. The pages write it, the loader and the pages read it. */
export const notesSchema: StateSchema<{
  notes: { schema: typeof note; type: string; primaryKey: string }
}> = createStateSchema({
  notes: { schema: note, type: 'note', primaryKey: 'id' },
})

/** The note that comes after `others`. */
export function writeNote(
  id: string,
  { text, by, colour }: Pick<Note, 'text' | 'by' | 'colour'>,
  others: readonly Note[],
): Note {
  const place = 1 + Math.max(0, ...others.map((other) => other.place))
  return { id, text: text.trim(), by: by.trim() || 'Someone', colour, place }
}
