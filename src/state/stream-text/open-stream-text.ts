import type { EndpointOptions } from '../../core/endpoint.ts'
import { guarded } from '../report-error.ts'
import { shareWhileUsed } from '../store/share-while-used.ts'
import { createTextKeeper } from './keep-text.ts'
import type { StreamTextOptions } from './options.ts'
import type { StreamText } from './stream-text.ts'
import { createTextView, INITIAL_SNAPSHOT } from './text-view.ts'
import { createTextVisits } from './text-visit.ts'

/** @param name tells it from other texts that are kept. */
export function openStreamText(
  target: EndpointOptions,
  name: string,
  options: StreamTextOptions,
): StreamText {
  const onError = guarded(options.onError)
  const view = createTextView()
  const keeper = createTextKeeper(options.keepIn, name, view.look, onError)
  const { visit, interrupt } = createTextVisits({ target, options, view, keeper, onError })
  const share = shareWhileUsed(visit, options.releaseAfterMs ?? 250)
  let isLoaded = false

  /** Not before it is looked at: servers, which render the initial snapshot, keep nothing. */
  function load(): void {
    if (isLoaded) return
    isLoaded = true
    const kept = keeper.load()
    if (kept.isDone) view.setStatus({ kind: 'closed' })
    view.put(kept)
  }

  function setStopped(isStopped: boolean): void {
    load()
    view.put({ ...view.look(), isStopped })
    keeper.changed()
  }

  return {
    initialSnapshot: INITIAL_SNAPSHOT,
    getSnapshot() {
      load()
      return view.getSnapshot()
    },
    subscribe(onChange) {
      load()
      const unsubscribe = view.subscribe(onChange)
      const leave = share.enter()
      return () => {
        unsubscribe()
        leave()
      }
    },
    stop() {
      load()
      setStopped(!view.look().isDone)
      interrupt()
      if (view.look().isStopped) view.setStatus({ kind: 'idle' })
    },
    resume() {
      load()
      const { isStopped, error } = view.getSnapshot()
      if (!isStopped && !error) return
      setStopped(false)
      interrupt(true)
      share.wake()
    },
  }
}
