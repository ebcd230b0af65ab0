import type { Transaction } from '@tanstack/db'
import { StreamError } from '../../core/errors.ts'
import { ignorable } from '../deferred.ts'
import { runOptimistic } from './optimistic.ts'

/** A write of more than one row, or of more than rows. */
export interface ActionDefinition<Params = any, Result = any> {
  /** What shows at once: inserts, updates, deletes on collections. Not asynchronous. */
  onMutate?: (params: Params) => void
  /**
   * Makes it true: appends events with a txid and awaits it by `db.utils.awaitTxId`. What `onMutate`
   * showed stays until this settles, and falls back when it fails.
   */
  mutationFn: (params: Params, context: { transaction: Transaction }) => Promise<Result> | Result
}

export type ActionDefinitions = Record<string, ActionDefinition>

/** Actions as they are called. The promise settles as `mutationFn` does. */
export type Actions<Definitions extends ActionDefinitions> = {
  readonly [Name in keyof Definitions]: (
    ...params: ParamsOf<Definitions[Name]>
  ) => Promise<Awaited<ReturnType<Definitions[Name]['mutationFn']>>>
}

type ParamsOf<Definition extends ActionDefinition> =
  Parameters<Definition['mutationFn']> extends [infer Params, ...unknown[]]
    ? [params: Params]
    : Definition extends { onMutate: (...params: infer Params) => void }
      ? Params
      : []

/** @param beforeWrite settles when the stream is there to be written to. */
export function createActions<Definitions extends ActionDefinitions>(
  definitions: Definitions,
  beforeWrite: () => Promise<void>,
): Actions<Definitions> {
  const entries = Object.entries(definitions).map(([name, definition]) => {
    const run = (params: unknown): Promise<unknown> =>
      runOptimistic(
        () => refuseAsync(name, definition.onMutate?.(params)),
        async (transaction) => {
          await beforeWrite()
          return definition.mutationFn(params, { transaction })
        },
      )
    // Who wants to know awaits it. The screen tells in any case.
    return [name, (params: unknown) => ignorable(run(params))]
  })
  return Object.fromEntries(entries) as Actions<Definitions>
}

function refuseAsync(name: string, result: unknown): void {
  if (typeof (result as { then?: unknown } | undefined)?.then !== 'function') return
  Promise.resolve(result).catch(() => {})
  throw new StreamError(
    'invalid',
    `actions.${name}: onMutate must show its rows at once: move what is async into mutationFn`,
  )
}
