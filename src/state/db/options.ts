import { StreamError } from '../../core/errors.ts'
import type { LiveMode } from '../../core/read-state.ts'
import type { StateDefinition } from '../definition.ts'
import type { StateSchema } from '../schema.ts'
import type { ActionDefinitions } from './actions.ts'
import type { StreamDBHooks } from './intake.ts'
import type { KeepingOptions } from './keeping.ts'
import type { StartingOptions } from './starting.ts'
import { createStateStream, type StateStream, type StateStreamOptions } from './state-stream.ts'
import type { StreamDB } from './stream-db.ts'

/** What an action may use. */
export interface ActionContext<Definition extends StateDefinition> {
  db: StreamDB<Definition>
  stream: StateStream
}

export interface StreamDBOptions<
  Definition extends StateDefinition,
  Definitions extends ActionDefinitions,
> extends StreamDBHooks,
    KeepingOptions,
    StartingOptions {
  /** Where the stream is; it is made when it is missing. This or `stream`. */
  streamOptions?: StateStreamOptions
  /** A JSON stream at hand, such as a `DurableStream`. This or `streamOptions`. */
  stream?: StateStream
  /** By `createStateSchema`. */
  state: StateSchema<Definition>
  /** Optimistic writes, called as `db.actions.name(params)`. */
  actions?: (context: ActionContext<Definition>) => Definitions
  /** Whether to go on with what comes after the present end. Default `true`. */
  live?: LiveMode
}

/** @throws {StreamError} `invalid` unless exactly one of `stream` and `streamOptions` is there. */
export function streamOf(options: {
  stream?: StateStream
  streamOptions?: StateStreamOptions
}): StateStream {
  const { stream, streamOptions } = options
  if (stream && !streamOptions) return stream
  if (streamOptions && !stream) return createStateStream(streamOptions)
  throw new StreamError(
    'invalid',
    'createStreamDB takes exactly one of stream and streamOptions: { url }',
  )
}
