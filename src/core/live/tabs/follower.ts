import { handled } from '../../deferred.ts'
import { randomId } from '../../random-id.ts'
import { type Call, openCall } from './call.ts'
import type { TabsEnvironment } from './environment.ts'
import { asked, type Item, type Link, openLink } from './link.ts'
import type { Part, Said } from './part.ts'
import { watchLeader } from './watch.ts'

/**
 * A leader that got no answer so many times has no way to the server. This tab has: readers ask live
 * only when they have just been answered otherwise.
 */
const MAX_FAILS = 4

/**
 * Has requests answered by the leader, on a channel of this tab alone.
 *
 * @param say says it in the hall.
 * @param onHang is called when the leader is of no use.
 */
export function createFollower(
  environment: TabsEnvironment,
  name: string,
  say: (said: Said) => void,
  onIdle: () => void,
  onHang: () => void,
): Part {
  const { locks, openChannel } = environment
  const calls = new Map<number, Call>()
  let lastId = 0
  let fails = 0
  let own: string
  let link: Link
  let letGo: () => void

  const hello = (): void => say({ hello: own, isNew: !link.term })

  const begin = (): void => {
    const its = (own = `${name}/${randomId()}`)
    const take = (items: readonly Item[]): void => {
      watch.heard()
      for (const item of items) calls.get(item.id)?.take(item)
      if (items[0]) fails = items.every((item) => 'fail' in item) ? fails + 1 : 0
      if (fails === MAX_FAILS) hang()
    }
    link = openLink(openChannel(own), undefined, take, restart)
    // Held until this tab leaves, or dies: so its leader knows.
    const held = new Promise<void>((resolve) => (letGo = resolve))
    const hold = (): Promise<void> => {
      if (own === its) hello()
      return held
    }
    void handled(locks.request(own, {}, hold))
  }
  const end = (): void => {
    own = ''
    letGo()
    link.close()
    const moved = [...calls.values()]
    calls.clear()
    for (const call of moved) call.move()
  }
  const restart = (): void => {
    end()
    begin()
  }

  const hang = (): void => {
    watch.stop()
    onHang()
  }
  const ask = (isLate: boolean): void => {
    if (isLate) hello()
    link.post()
  }

  begin()
  const watch = watchLeader(environment, ask, hang)

  return {
    fetch(request) {
      const id = ++lastId
      const tell = (item: Item): unknown => calls.has(id) && link.post(item)
      const call = openCall(id, request.init, tell, () => {
        calls.delete(id)
        onIdle()
      })
      calls.set(id, call)
      tell({ id, ask: asked(request) })
      return call.response
    },
    isBusy: () => calls.size > 0,
    hear({ leads, gone }) {
      if (gone === own || (leads && leads !== link.term)) restart()
    },
    close() {
      watch.stop()
      end()
    },
  }
}
