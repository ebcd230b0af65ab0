import { formatOffset } from '../operations/offset.ts'
import { isPending, type Tails } from './links.ts'
import { idOf } from './subscription.ts'
import type { Keys } from './keys.ts'
import type { Link, Subscription } from './subscription.ts'

/** A link as `GET` shows it. Protocol section 9. */
interface LinkView {
  path: string
  link_type: 'explicit' | 'glob'
  acked_offset: string
}

/** A link as workers get it: where to begin, and whether there is anything. */
interface WorkView extends LinkView {
  tail_offset: string
  has_pending: boolean
}

/** The links of a subscription at one moment, as workers get them. */
export function describeWork({ links }: Subscription, tails: Tails): WorkView[] {
  return links.map((link) => {
    const tail = tails.get(link.path)
    const position = tail?.position ?? link.acked
    const acked = tail && tail.streamId !== link.streamId ? 0 : link.acked
    return {
      ...describeLink({ ...link, acked }),
      tail_offset: formatOffset(position),
      has_pending: isPending(link, tails),
    }
  })
}

/**
 * A subscription as `PUT` and `GET` show it.
 *
 * @param keys are there where webhooks can be sent
 * @param root URL of the reserved API, such as `https://a.example/v1/stream/__ds`
 */
export function describeSubscription(
  name: string,
  { configuration, links, createdAt, wake }: Subscription,
  keys: Keys | undefined,
  root: string,
): object {
  const { type, pattern, webhookUrl, wakeStream, leaseTtlMs, description } = configuration
  const signing = keys && { alg: 'ed25519', kid: keys.kid, jwks_url: `${root}/jwks.json` }
  const { retry } = wake ?? {}
  return {
    id: idOf(name),
    subscription_id: idOf(name),
    type,
    pattern,
    streams: links.map(describeLink),
    webhook: webhookUrl === null ? null : { url: webhookUrl, ...(signing && { signing }) },
    wake_stream: wakeStream,
    lease_ttl_ms: leaseTtlMs,
    description,
    created_at: new Date(createdAt).toISOString(),
    status: retry ? 'failed' : 'active',
    ...(retry && {
      retry: {
        attempt: retry.attempt,
        next_attempt_at: new Date(retry.at).toISOString(),
        reason: retry.reason,
      },
    }),
  }
}

function describeLink({ path, explicit, acked }: Link): LinkView {
  return { path, link_type: explicit ? 'explicit' : 'glob', acked_offset: formatOffset(acked) }
}
