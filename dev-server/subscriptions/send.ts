import { JSON_CONTENT_TYPE } from '../../src/core/protocol.ts'
import { concatBytes } from '../http/bytes.ts'
import { MESSAGE_END } from '../operations/json-messages.ts'
import { describeWork } from './describe.ts'
import { isPending, type Ack, type Tails } from './links.ts'
import { idOf, type Subscription } from './subscription.ts'
import { issueToken } from './token.ts'
import type { SubscriptionOptions } from './context.ts'
import type { Keys } from './keys.ts'
import type { Awake, SendOutcome } from './wake.ts'

/** A wake on its way, and what it tells of. */
export interface Sending {
  name: string
  recordId: string
  subscription: Awake
  tails: Tails
  /** Gives up. */
  signal: AbortSignal
}

/** What sending needs of the world. */
export type SendContext = Pick<
  SubscriptionOptions,
  'streams' | 'prefix' | 'publicOrigin' | 'webhooks' | 'now'
> & { keys: () => Promise<Keys> }

/** Tells workers of a wake: by webhook, or by an event in the wake stream. Protocol section 9. */
export function sendWake(context: SendContext, sending: Sending): Promise<SendOutcome> {
  const isWebhook = sending.subscription.configuration.type === 'webhook'
  return isWebhook ? callWebhook(context, sending) : appendWake(context, sending)
}

async function callWebhook(context: SendContext, sending: Sending): Promise<SendOutcome> {
  const { subscription, tails, signal } = sending
  if (!context.webhooks) return failed('this host cannot send webhooks')
  const keys = await context.keys()
  const body = await webhookBody(context, keys, sending)
  const time = Math.floor(context.now() / 1000)
  const signature = await keys.sign(`${time}.${body}`)
  const headers = {
    'content-type': JSON_CONTENT_TYPE,
    'webhook-signature': `t=${time},kid=${keys.kid},ed25519=${signature}`,
  }
  try {
    const url = subscription.configuration.webhookUrl!
    const answer = await context.webhooks.deliver(url, { headers, body, signal })
    if (answer.status < 200 || answer.status > 299) return failed(`answered ${answer.status}`)
    return saysDone(answer.body)
      ? { kind: 'done', acks: snapshotOf(subscription, tails) }
      : { kind: 'taken' }
  } catch (error) {
    return failed(signal.aborted ? 'no answer in time' : (error as Error).message)
  }
}

async function webhookBody(context: SendContext, keys: Keys, sending: Sending): Promise<string> {
  const { name, recordId, subscription, tails } = sending
  const { wake, generation, origin } = subscription
  const root = `${context.publicOrigin ?? origin}${context.prefix}/__ds`
  const wakeName = { wakeId: wake.id, generation }
  return JSON.stringify({
    subscription_id: idOf(name),
    wake_id: wake.id,
    generation,
    streams: describeWork(subscription, tails),
    callback_url: `${root}/subscriptions/${name}/callback`,
    callback_token: await issueToken(keys, recordId, wakeName, context.now()),
  })
}

/** All that a webhook was told of. */
function snapshotOf({ links }: Subscription, tails: Tails): Ack[] {
  return links.flatMap(({ path }) => {
    const tail = tails.get(path)
    return tail ? [{ path, ...tail }] : []
  })
}

function saysDone(body: string): boolean {
  try {
    return (JSON.parse(body) as { done?: unknown } | null)?.done === true
  } catch {
    return false
  }
}

async function appendWake(context: SendContext, sending: Sending): Promise<SendOutcome> {
  const { name, recordId, subscription, tails } = sending
  const { configuration, generation } = subscription
  const event = {
    type: 'wake',
    subscription_id: idOf(name),
    stream: subscription.links.find((link) => isPending(link, tails))?.path ?? null,
    generation,
    ts: context.now(),
  }
  const path = configuration.wakeStream!
  const outcome = await context.streams.append(path, {
    data: concatBytes([new TextEncoder().encode(JSON.stringify(event)), MESSAGE_END]),
    contentType: JSON_CONTENT_TYPE,
    close: false,
    // One event per generation, whatever happens between the append and the note that it was made.
    producer: { id: `__ds/${recordId}`, epoch: generation, seq: 0 },
  })
  if (outcome.kind === 'appended' || outcome.kind === 'duplicate') return { kind: 'taken' }
  if (outcome.kind === 'refused') return failed(`${path} refused it: ${outcome.reason.kind}`)
  return failed(`${path} is not there: create it with the content type ${JSON_CONTENT_TYPE}`)
}

function failed(reason: string): SendOutcome {
  return { kind: 'failed', reason }
}
