import { asStreamError, type StreamError } from '../../core/errors.ts'
import type { StreamTextOptions } from './options.ts'
import type { ItemRules } from './text-so-far.ts'

/** One that throws skips the item: one bad item never stops a stream. */
export function itemRules<Item>(
  { textOf, endOf }: Pick<StreamTextOptions<Item>, 'textOf' | 'endOf'>,
  onError: (error: StreamError) => void,
): ItemRules {
  const guard =
    (name: string, ask: ((item: Item) => unknown) | undefined, otherwise: typeof fieldText) =>
    (item: unknown): string | undefined => {
      if (!ask) return otherwise(item)
      try {
        return textIn(ask(item as Item))
      } catch (cause) {
        onError(asStreamError(cause, `${name} of an item`))
        return undefined
      }
    }
  return {
    textOf: guard('textOf', textOf, fieldText),
    endOf: guard('endOf', endOf, fieldEnd),
  }
}

function fieldText(item: unknown): string | undefined {
  return textIn(item) ?? textIn((Object(item) as { text?: unknown }).text)
}

function fieldEnd(item: unknown): string | undefined {
  return textIn((Object(item) as { end?: unknown }).end)
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
