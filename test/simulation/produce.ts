import type { IdempotentProducer, ProducerState, ProducerStore } from '../../src/core/index.ts'
import { messageFor } from './message.ts'
import type { Scene } from './scene.ts'
import type { World } from './world.ts'
import { judge } from './writer.ts'

/** Writes by an `IdempotentProducer` that is flushed, restarted, replaced, and dies now and then. */
export async function produce(scene: Scene): Promise<void> {
  const { world, plan } = scene
  const { chance } = world
  const writer = new Producing(scene)
  let left = plan.messages
  while (left > 0 && !world.failure) {
    await world.sleep(chance.between(0, plan.pauseMs))
    for (let count = chance.between(1, 6); count > 0 && left > 0; count--, left--) {
      const taken = writer.append()
      if (chance.happens(0.3)) await taken
    }
    const next = chance.pick([
      'flush',
      'flush',
      'flush',
      'go on',
      'go on',
      'die',
      'replace',
    ] as const)
    if (next !== 'go on') await writer[next]()
  }
  await writer.flush()
  await writer.end()
}

class Producing {
  readonly #scene: Scene
  readonly #world: World
  readonly #id = 'orders'
  readonly #store: MemoryStore | undefined
  #user = ''
  #processes = 0
  #producer!: IdempotentProducer
  /** Not known to be stored. */
  #open: number[] = []
  /** Of those, what would survive a crash. */
  #kept = new Set<number>()
  #isReplaced = false
  #claims = false

  constructor(scene: Scene) {
    const { world } = scene
    this.#scene = scene
    this.#world = world
    this.#store = world.chance.happens(0.4) ? new MemoryStore(world) : undefined
    if (this.#store) scene.server.producers.remember(this.#id)
    this.#begin(0)
  }

  async append(): Promise<void> {
    const { ledger } = this.#scene
    const [id] = ledger.open(1, this.#user)
    this.#open.push(id!)
    const kept = this.#kept
    try {
      await this.#producer.append(messageFor(this.#scene, id!))
      if (this.#store) kept.add(id!)
    } catch (error) {
      // Told again by the next flush.
      this.#world.trace(`append ${id} failed: ${String(error)}`)
    }
  }

  async flush(): Promise<void> {
    const ids = this.#open
    this.#open = []
    await this.#settle(ids, this.#producer.flush())
  }

  /**
   * Another process takes over while this one is still alive. Were both to claim epochs they could
   * claim the same one, and the server would take the batches of one for those of the other.
   */
  async replace(): Promise<void> {
    if (this.#store || this.#claims) return
    this.#world.trace('── another producer takes over')
    const before = this.#producer
    const ids = this.#open
    this.#open = []
    this.#isReplaced = true
    this.#begin(before.epoch + 1)
    await Promise.all([
      this.#settle(ids, before.flush(), false),
      this.append().then(() => this.flush()),
    ])
    await before.detach().catch(() => undefined)
  }

  /** The process ends without a word, and another goes on with what it kept. */
  async die(): Promise<void> {
    if (!this.#store) return
    const { ledger } = this.#scene
    const { network, trace } = this.#world
    trace('── the process of the producer dies')
    network.kill(this.#user)
    this.#store.beginAgain()
    this.#producer.abort(new Error('died'))
    ledger.refused(this.#open.filter((id) => !this.#kept.has(id)))
    this.#open = this.#open.filter((id) => this.#kept.has(id))
    this.#kept = new Set()
    this.#begin(0)
    await this.flush()
  }

  async end(): Promise<void> {
    const { chance } = this.#world
    const close = this.#scene.plan.isClosed && chance.happens(0.5)
    try {
      await (close ? this.#producer.close() : this.#producer.detach())
    } catch (error) {
      judge(this.#scene, error, close)
    }
  }

  async #settle(
    ids: readonly number[],
    flushed: Promise<{ offset: string }>,
    goesOn = true,
  ): Promise<void> {
    const { ledger } = this.#scene
    const { trace } = this.#world
    try {
      const told = await flushed
      trace(`acknowledged: ${ids}`)
      ledger.acknowledgedEach(ids, told)
    } catch (error) {
      trace(`failed: ${ids}: ${String(error)}`)
      ledger.refused(ids)
      // A server that forgot the newer producer takes the older one again, and refuses the newer.
      const { name, status } = error as { name: string; status?: number }
      const isFenced =
        this.#isReplaced &&
        (name === 'StaleEpochError' || (status === 400 && this.#world.hasForgotten))
      if (!isFenced) judge(this.#scene, error)
      if (goesOn) await this.#producer.restart()
    }
  }

  #begin(epoch: number): void {
    const { plan, endpointOf } = this.#scene
    const { core, chance, mostOpen } = this.#world
    this.#user = this.#scene.named(`producer/${++this.#processes}`)
    const maxInFlight = chance.pick([1, 2, 5])
    mostOpen.set(this.#user, maxInFlight)
    const stream = new core.DurableStream({
      ...endpointOf(this.#user),
      // A process that dies asks no more: nobody could stop it here.
      ...((this.#store || chance.happens(0.5)) && { contentType: plan.contentType }),
    })
    this.#claims = chance.happens(0.5)
    this.#producer = new core.IdempotentProducer(stream, this.#id, {
      epoch,
      maxInFlight,
      autoClaim: this.#claims,
      maxBatchBytes: chance.pick([1, 100, 1 << 20]),
      maxBufferedBytes: chance.pick([100, 8 << 20]),
      lingerMs: chance.pick([0, 5, 300]),
      ...(this.#store && { store: this.#store }),
    })
  }
}

/** Outlives processes; each save takes its time. */
class MemoryStore implements ProducerStore {
  readonly #world: World
  #state: string | undefined
  #life = 0
  #isSaving = false

  constructor(world: World) {
    this.#world = world
  }

  /** What the process before had under way is lost. */
  beginAgain(): void {
    this.#life++
    this.#isSaving = false
  }

  async load(): Promise<ProducerState | undefined> {
    await this.#world.sleep(this.#world.chance.between(0, 20))
    return this.#state === undefined ? undefined : (JSON.parse(this.#state) as ProducerState)
  }

  async save(state: ProducerState): Promise<void> {
    const life = this.#life
    const text = JSON.stringify(state)
    if (this.#isSaving) this.#world.fail('two saves overlap')
    this.#isSaving = true
    await this.#world.sleep(this.#world.chance.between(0, 20))
    // Of a dead process: it never learns.
    if (life !== this.#life) return new Promise(() => undefined)
    this.#isSaving = false
    this.#state = text
  }
}
