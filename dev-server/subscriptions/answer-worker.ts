import { errorAnswer } from '../http/error-answer.ts'
import {
  NO_CONTENT,
  alreadyClaimed,
  badToken,
  fenced,
  jsonAnswer,
  notFound,
  nothingToClaim,
} from './answers.ts'
import { describeWork } from './describe.ts'
import { readFields } from './json-body.ts'
import {
  CLAIM_FIELDS,
  REPORT_FIELDS,
  WAKE_FIELDS,
  parseReport,
  parseWakeName,
  parseWorker,
} from './parse-report.ts'
import { idOf, type StoredSubscription, type Subscription } from './subscription.ts'
import { issueToken, readToken } from './token.ts'
import {
  claimWake,
  hasPending,
  isCurrent,
  releaseWake,
  reportOn,
  type ClaimOutcome,
  type WakeName,
} from './wake.ts'
import type { Answer } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Desk } from './desk.ts'
import type { Step } from './store.ts'

/** `POST …/claim`: a worker asks for the lease of a `pull-wake` subscription. */
export async function claim(desk: Desk, exchange: Exchange, name: string): Promise<Answer> {
  const worker = parseWorker(await readFields(exchange, CLAIM_FIELDS))
  const found = await desk.store.find(name)
  if (!found) return notFound(idOf(name))
  const refused = refuseType(found, 'pull-wake', 'claim')
  if (refused) return refused

  const tails = await desk.manager.adopt(name, found).tails()
  const moment = { now: desk.now(), wakeId: desk.newId(), tails }
  const stepped = await desk.store.change(name, ({ subscription }): Step<ClaimOutcome> => {
    const outcome = claimWake(subscription, worker, moment)
    const after = outcome.kind === 'claimed' ? outcome.subscription : subscription
    return { outcome, subscription: after }
  })
  if (!stepped) return notFound(idOf(name))
  desk.manager.adopt(name, stepped)
  const { outcome, recordId } = stepped
  if (outcome.kind === 'held') return alreadyClaimed(outcome.holder, outcome.generation)
  if (outcome.kind === 'no-work') return nothingToClaim(stepped.subscription.generation)

  const { wake, generation, configuration } = outcome.subscription
  const wakeName = { wakeId: wake.id, generation }
  return jsonAnswer(200, {
    wake_id: wake.id,
    generation,
    token: await issueToken(await desk.keys(), recordId, wakeName, moment.now),
    streams: describeWork(outcome.subscription, tails),
    lease_ttl_ms: configuration.leaseTtlMs,
  })
}

/** `POST …/callback` and `POST …/ack`: a worker says how far it came, or that it is alive. */
export async function report(
  desk: Desk,
  exchange: Exchange,
  name: string,
  action: 'callback' | 'ack',
): Promise<Answer> {
  const fields = await readFields(exchange, REPORT_FIELDS)
  const asked = { ...parseReport(fields), ...parseWakeName(fields) }
  return onWake(desk, exchange, name, action, asked, async (found) => {
    const tails = await desk.manager.adopt(name, found).tails()
    const now = desk.now()
    const stepped = await desk.store.change(name, ({ subscription }): Step<boolean> => {
      const { wake } = subscription
      if (!wake || !isCurrent(subscription, asked, now)) return { outcome: false, subscription }
      const after = reportOn({ ...subscription, wake }, asked, { now, tails })
      return { outcome: true, subscription: after }
    })
    if (!stepped) return notFound(idOf(name))
    desk.manager.adopt(name, stepped)
    if (!stepped.outcome) return fenced()
    const { subscription } = stepped
    const nextWake = asked.done && hasPending(subscription, tails)
    return jsonAnswer(200, {
      ok: true,
      next_wake: nextWake,
      ...passedOver(subscription, asked.acks),
    })
  })
}

/** `POST …/release`: a worker gives the work back. */
export async function release(desk: Desk, exchange: Exchange, name: string): Promise<Answer> {
  const asked = parseWakeName(await readFields(exchange, WAKE_FIELDS))
  return onWake(desk, exchange, name, 'release', asked, async () => {
    const now = desk.now()
    const stepped = await desk.store.change(name, ({ subscription }): Step<boolean> => {
      const isTheirs = isCurrent(subscription, asked, now)
      return {
        outcome: isTheirs,
        subscription: isTheirs ? releaseWake(subscription) : subscription,
      }
    })
    if (!stepped) return notFound(idOf(name))
    desk.manager.adopt(name, stepped)
    return stepped.outcome ? NO_CONTENT : fenced()
  })
}

/** Goes on only for who has the token of the very wake that is asked for. */
async function onWake(
  desk: Desk,
  exchange: Exchange,
  name: string,
  action: 'callback' | 'ack' | 'release',
  asked: WakeName,
  goOn: (found: StoredSubscription) => Promise<Answer>,
): Promise<Answer> {
  const found = await desk.store.find(name)
  if (!found) return notFound(idOf(name))
  const refused = refuseType(found, action === 'callback' ? 'webhook' : 'pull-wake', action)
  if (refused) return refused
  const token = /^bearer +(\S+)$/i.exec(exchange.headers['authorization'] ?? '')?.[1]
  const allowed = token && (await readToken(await desk.keys(), token, found.recordId, desk.now()))
  if (!allowed) return badToken()
  const isSame = allowed.wakeId === asked.wakeId && allowed.generation === asked.generation
  return isSame ? goOn(found) : fenced()
}

function refuseType(
  { subscription }: StoredSubscription,
  type: 'webhook' | 'pull-wake',
  action: string,
): Answer | undefined {
  const { type: actual } = subscription.configuration
  if (actual === type) return undefined
  const message = `This subscription is of the type "${actual}": ${action} is for "${type}"`
  return errorAnswer(400, 'bad-request', message)
}

/** Streams of which a worker reports although they are not linked. */
function passedOver(
  { links }: Subscription,
  acks: readonly { path: string }[],
): { ignored?: readonly string[] } {
  if (acks.length === 0) return {}
  const linked = new Set(links.map(({ path }) => path))
  const ignored = acks.map(({ path }) => path).filter((path) => !linked.has(path))
  return ignored.length > 0 ? { ignored } : {}
}
