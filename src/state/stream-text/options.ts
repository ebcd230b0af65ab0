import type { EndpointOptions } from '../../core/endpoint.ts'
import type { StreamError } from '../../core/errors.ts'

export interface StreamTextOptions<Item = unknown> extends Omit<EndpointOptions, 'url'> {
  /**
   * The text in an item of a JSON stream; nothing for an item that has none. By default a string is
   * its own text, and of an object it is the field `text`. A stream of another type is text itself.
   */
  textOf?: ((item: Item) => string | undefined) | undefined
  /** Why the text ended, if the item of a JSON stream says so. By default its field `end`. */
  endOf?: ((item: Item) => string | undefined) | undefined
  /**
   * Where the text so far and its offset are kept for the next load of the page. Default:
   * `sessionStorage` in a page, and nowhere else. `false`: nowhere.
   */
  keepIn?: Storage | false | undefined
  /**
   * How long a stream that is not there yet is waited for, in milliseconds. Default 30,000. With 0
   * the reading ends at once, with `not-found`.
   */
  waitMs?: number | undefined
  /** Whether the reading rests while the page is hidden for longer than 30 s. Default `true`. */
  pauseWhenHidden?: boolean | undefined
  /** How long the connection outlives its last subscriber, in milliseconds. Default 250. */
  releaseAfterMs?: number | undefined
  /** Told of what ended the reading, of items that `textOf` threw on, and of text that cannot be kept. */
  onError?: ((error: StreamError) => void) | undefined
}
