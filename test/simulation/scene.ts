import type { EndpointOptions } from '../../src/core/index.ts'
import type { Tab } from './browser/tab.ts'
import { Ledger } from './ledger.ts'
import { ModelServer } from './model-server.ts'
import { HOST_ROOT } from './model-host.ts'
import type { StreamPlan } from './plan.ts'
import type { StreamLog } from './stream-log.ts'
import type { World } from './world.ts'

/** What was refused before all is well may be told so much later, in milliseconds. */
const ECHO_MS = 10_000

/** One stream of a world, with those who write and read it. */
export class Scene {
  readonly world: World
  readonly plan: StreamPlan
  readonly server: ModelServer
  readonly ledger: Ledger
  readonly isCreated: Promise<void>
  created!: () => void

  constructor(world: World, plan: StreamPlan) {
    const { clock, chance } = world
    this.world = world
    this.plan = plan
    this.ledger = new Ledger((what) => world.fail(what))
    this.server = new ModelServer({
      clock,
      random: chance.random,
      ...world.plan,
      onStored: (ids, tail) => {
        world.trace(`stored: ${ids}, tail ${tail}${this.#suffix}`)
        this.ledger.onStored(ids, tail)
        world.punctuality?.onStored(this, tail)
      },
    })
    this.isCreated = new Promise((resolve) => {
      this.created = resolve
    })
  }

  /** Whoever reads or writes it is told that it is gone. */
  get isDeleted(): boolean {
    return this.server.isDeleted
  }

  /** Whether an error is one that the world makes, and that goes away. */
  mayRefuse(error: unknown): boolean {
    const { mix, healMs } = this.world.plan
    const isRude = mix.has('member-refused') || mix.has('hub-refused')
    const isEarly = this.world.clock.elapsedMs < healMs + ECHO_MS
    return (
      (error as { status?: number }).status !== undefined && isRude && isEarly && !this.isDeleted
    )
  }

  log = (): StreamLog => this.server.log!

  get #suffix(): string {
    return this.world.plan.sharing ? ` of ${this.plan.name}` : ''
  }

  /** What somebody is called in a world of several streams. */
  named = (user: string): string => user + this.#suffix

  /** What whoever asks for it has to say, if anything. */
  get secret(): string | undefined {
    const { hasToken, sharing } = this.world.plan
    if (!hasToken) return undefined
    if (sharing?.secrets !== 'one for each stream') return 'secret'
    return `secret of ${encodeURIComponent(this.plan.name)}`
  }

  /** @param tab where the user is, if in one */
  endpointOf = (user: string, tab?: Tab): EndpointOptions => {
    const { world, plan } = this
    const { timeoutMs, hasToken, sharing } = world.plan
    const token = async (): Promise<string> => {
      if (world.network.isHealed || !world.chance.happens(0.1)) return this.secret!
      world.happened('token-failed')
      throw new Error('No token')
    }
    return {
      url: HOST_ROOT + plan.name.split('/').map(encodeURIComponent).join('/'),
      fetch: tab ? tab.fetchAs(user) : world.network.fetchAs(user),
      connection: tab ? sharing!.connection : 'stream',
      ...(timeoutMs !== undefined && { timeoutMs }),
      ...(hasToken && { headers: { authorization: token } }),
    }
  }
}
