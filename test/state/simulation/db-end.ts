import { COUNTERS, PAIRS } from './db-app.ts'
import type { DbPage } from './db-page.ts'
import type { DbWorld } from './db-world.ts'
import { pass } from './virtual-time.ts'

/** All is at rest: everyone shows the same, and every write has come to one end. */
export async function checkEnd(world: DbWorld): Promise<void> {
  const { pages, gone, plan, server } = world
  for (const page of pages) {
    page.check()
    page.checkJoin()
  }
  for (const page of [...pages, ...gone]) {
    checkErrors(world, page)
    if (plan.isCounting) checkAdded(world, page, gone.includes(page))
  }
  if (plan.isCounting) checkSums(world)
  const { reported, unhandled } = world.reports
  for (const error of reported) {
    if (!String(error).includes('from a callback')) world.fail(`reported: ${String(error)}`)
  }
  if (unhandled.length > 0) world.fail(`nobody caught ${String(unhandled[0])}`)

  for (const { db } of pages) db.close()
  await pass(1000)
  for (const { name, line } of pages) {
    if (line.readers > 0) world.fail(`${name} still reads, and is closed`)
  }
  void server
}

/** A write fails when it is refused, and when what it was to change is gone. */
function checkErrors(world: DbWorld, page: DbPage): void {
  for (const { id, error } of page.made) {
    const { code } = (error ?? {}) as { code?: string }
    if (error !== undefined && code === undefined) world.fail(`${id} failed by ${String(error)}`)
  }
}

/** Each addition counts once, in all rows that it was made to; one that failed counts in none. */
function checkAdded(world: DbWorld, page: DbPage, isGone: boolean): void {
  const { users } = world.modelAt(world.server.log.length)
  for (const { id, call, error } of page.made) {
    const keys = call.do === 'stamp' ? [PAIRS[0]] : [...COUNTERS]
    const counts = keys.map((key) => users.get(key)!.ids.filter((other) => other === id).length)
    const total = counts.reduce((sum, count) => sum + count, 0)
    const whole = call.do === 'add-both' ? 2 : 1
    if (call.do === 'add-both' && counts[1] !== counts[0])
      world.fail(`${id} counts by half: ${counts.join()}`)
    if (total !== 0 && total !== whole && !page.isUnsure)
      world.fail(`${id} counts ${total} times, not ${whole}`)
    if (page.isUnsure || isGone) continue
    if (total === 0 && error === undefined) world.fail(`${id} is lost`)
    if (total !== 0 && error !== undefined) world.fail(`${id} counts, and failed: ${String(error)}`)
  }
}

function checkSums(world: DbWorld): void {
  const { users } = world.modelAt(world.server.log.length)
  for (const { id, n, ids } of users.values()) {
    if (n !== ids.length) world.fail(`${id} is ${n}, and ${ids.length} were added`)
  }
}
