import type { StorePage } from './store-page.ts'
import type { StoreWorld } from './store-world.ts'
import { pass } from './virtual-time.ts'

/** All is at rest: now everyone shows the same, and every call has come to one end. */
export async function checkEnd(world: StoreWorld): Promise<void> {
  const { server, pages, gone, clock } = world
  const fold = world.fold(server.life)
  const right = JSON.stringify(fold.at(server.log.length).state)
  for (const page of pages) {
    const real = JSON.stringify(page.store.getSnapshot().state)
    if (real !== right) world.fail(`${page.name} shows ${real} in the end, not ${right}`)
    checkReports(world, page)
  }
  for (const [life] of server.lives.entries()) {
    for (const { id, what } of world.fold(life + 1).faults) {
      // Of one that an earlier page made, its value is tried again, as its function is gone.
      if (!world.retried.has(id)) world.fail(what)
    }
  }
  for (const page of [...pages, ...gone]) checkCalls(world, page, gone.includes(page))
  const { reported, unhandled } = world.reports
  for (const error of reported) {
    if (!String(error).includes('from a listener')) world.fail(`reported: ${String(error)}`)
  }
  if (unhandled.length > 0) world.fail(`nobody caught ${String(unhandled[0])}`)

  for (const page of pages) page.leave()
  await pass(10_000)
  // Those of a page that died are nobody's.
  if (gone.length === 0 && clock.clientTimers > 0)
    world.fail(`${clock.clientTimers} timers are left`)
  for (const { name, line } of pages) {
    if (line.readers > 0) world.fail(`${name} still reads, and nobody looks`)
  }
}

function checkCalls(world: StoreWorld, page: StorePage, isGone: boolean): void {
  const { server, plan } = world
  const counted = world.fold(server.life).counted
  const own = new Set(page.made.map(({ id }) => id))
  const order: string[] = []
  const times = new Map<string, number>()
  for (const { id } of counted) {
    if (!own.has(id)) continue
    order.push(id)
    times.set(id, (times.get(id) ?? 0) + 1)
  }
  for (const [index, { id, call }] of page.made.entries()) {
    const count = times.get(id) ?? 0
    // After a reset or a loss, an earlier try may apply that could not any more.
    const isBeginning = server.losses > 0 || world.wasReset
    // A request may arrive after its page has died, and after another page was refused the same.
    const mayBeBoth =
      // What a claim found taken is kept as the value that it found, with the name of who made that.
      (plan.keeps === 'all' && plan.steps.some(({ event }) => event.do === 'claim')) ||
      world.isUnsure ||
      world.retried.has(id) ||
      isBeginning ||
      isGone ||
      call.do === 'claim'
    const isOver =
      world.failed.has(id) ||
      page.reading.seen.has(id) ||
      call.do === 'claim' ||
      (isGone && isOverwritten(world)) ||
      page.made.some(
        (set, at) =>
          set.call.do === 'set' && isSeen(set.id) && (at > index || world.retried.has(set.id)),
      )
    // What counted before a reset is gone, and may count again.
    if (count > 1 && !world.wasReset && !world.isUnsure && !world.retried.has(id))
      world.fail(`${id} counts ${count} times`)
    if (count === 1 && world.failed.has(id) && !mayBeBoth) world.fail(`${id} counts, and failed`)
    if (
      count === 1 &&
      page.reading.seen.has(id) &&
      !page.repeated.has(id) &&
      !world.retried.has(id)
    )
      world.fail(`${id} counts again, after it was lost`)
    if (count === 0 && !isOver && (!isGone || page.kept.has(id))) world.fail(`${id} is lost`)
  }
  const inOrder = page.made.map(({ id }) => id).filter((id) => times.has(id))
  const kept = (ids: string[]): string =>
    ids.filter((id) => !world.retried.has(id) && !world.failed.has(id)).join()
  // What went with the stream is written again after what was written since.
  // An earlier try may apply after a reset that it came before.
  const isOrdered = server.losses === 0 && !world.isUnsure && !world.wasReset
  if (isOrdered && kept([...new Set(order)]) !== kept(inOrder)) {
    world.fail(`${page.name} wrote ${inOrder.join()}, and they count as ${order.join()}`)
  }

  function isSeen(id: string): boolean {
    return times.has(id) || page.reading.seen.has(id)
  }
}

/** One who sends what another page kept may have set the value since. */
function isOverwritten({ pages, gone }: StoreWorld): boolean {
  return [...pages, ...gone].some(({ made }) => made.some(({ call }) => call.do === 'set'))
}

/** Every event that could not be read is told of once. */
function checkReports(world: StoreWorld, page: StorePage): void {
  const told = page.errors.filter(({ code }) => code === 'malformed').length
  const { malformed } = page.reading
  // A checkpoint, its own or of the tab beside it, spares it some of them.
  if (world.plan.keeps !== 'nothing') return
  if (told !== malformed) {
    world.fail(`${page.name} told of ${told} malformed events, not of ${malformed}`)
  }
}
