import { yieldToEventLoop } from '../yield-to-event-loop.ts'

/** How long the event loop may wait for us, in milliseconds. */
const TURN_MS = 8

/** Does `work` step by step, with turns for others in between; `onStep` gets what each step yields. */
export async function inSlices<Step, Result>(
  work: Iterator<Step, Result>,
  onStep?: (step: Step) => void,
): Promise<Result> {
  let startedAt = performance.now()
  for (;;) {
    const next = work.next()
    if (next.done) return next.value
    onStep?.(next.value)
    if (performance.now() - startedAt < TURN_MS) continue
    await yieldToEventLoop()
    startedAt = performance.now()
  }
}
