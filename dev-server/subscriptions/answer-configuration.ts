import { errorAnswer } from '../http/error-answer.ts'
import { framingOf } from '../operations/content-type.ts'
import { NO_CONTENT, jsonAnswer, notFound, urlRejected } from './answers.ts'
import { describeSubscription } from './describe.ts'
import { checkPath, readFields } from './json-body.ts'
import { firstLinks, nameStreams, tailsOf, unnameStream } from './membership.ts'
import {
  CONFIGURATION_FIELDS,
  checkStreams,
  firstDifference,
  parseConfiguration,
} from './parse-configuration.ts'
import { idOf, type Configuration, type StoredSubscription } from './subscription.ts'
import type { Answer } from '../http/answer.ts'
import type { Exchange } from '../http/exchange.ts'
import type { Desk } from './desk.ts'

const MAX_ID = 256

/** `PUT`: makes a subscription, or confirms the one there is. */
export async function putSubscription(
  desk: Desk,
  exchange: Exchange,
  name: string,
): Promise<Answer> {
  if (name.length > MAX_ID) {
    return errorAnswer(400, 'bad-request', `The id is longer than ${MAX_ID} characters`)
  }
  const fields = await readFields(exchange, CONFIGURATION_FIELDS)
  const configuration = parseConfiguration(fields, desk.limits.maxLinks)
  const found = await desk.store.find(name)
  if (found) return confirm(desk, exchange, name, configuration, found)

  if (configuration.type === 'webhook' && !desk.webhooks) {
    return errorAnswer(501, 'unsupported', 'This host sends no webhooks: use the type "pull-wake"')
  }
  const { maxSubscriptions } = desk.limits
  if (desk.manager.size >= maxSubscriptions) {
    const message = `There are ${maxSubscriptions} subscriptions, and may be no more: delete one`
    return errorAnswer(507, 'unavailable', message)
  }
  const refused = await refuseDelivery(desk, configuration)
  return refused ?? make(desk, exchange, name, configuration)
}

/** `GET`. */
export async function getSubscription(
  desk: Desk,
  exchange: Exchange,
  name: string,
): Promise<Answer> {
  const found = await desk.store.find(name)
  return found ? shown(desk, exchange, name, found, 200) : notFound(idOf(name))
}

/** `DELETE`. Deleting what is not there is no error. */
export async function deleteSubscription(desk: Desk, name: string): Promise<Answer> {
  await desk.manager.remove(name)
  return NO_CONTENT
}

/** `POST …/streams`: names streams besides the pattern. */
export async function addStreams(desk: Desk, exchange: Exchange, name: string): Promise<Answer> {
  const { maxLinks } = desk.limits
  const fields = await readFields(exchange, ['streams'])
  const paths = checkStreams(fields['streams'], maxLinks)
  if (paths.length === 0)
    return errorAnswer(400, 'bad-request', 'streams is empty: name at least one')
  const tails = await tailsOf(desk, paths)
  const stepped = await desk.store.change(name, ({ subscription }) => ({
    outcome: undefined,
    subscription: nameStreams(subscription, paths, tails, maxLinks),
  }))
  if (!stepped) return notFound(idOf(name))
  desk.manager.adopt(name, stepped)
  return NO_CONTENT
}

/** `DELETE …/streams/:path`: the path as it is, or encoded once more so that it is one segment. */
export async function removeStream(desk: Desk, name: string, path: string): Promise<Answer> {
  const stepped = await desk.store.change(name, ({ subscription }) => ({
    outcome: undefined,
    subscription: unnameStream(unnameStream(subscription, path), decodedOnce(path)),
  }))
  if (!stepped) return notFound(idOf(name))
  desk.manager.adopt(name, stepped)
  return NO_CONTENT
}

function decodedOnce(path: string): string {
  try {
    return checkPath('The path', decodeURIComponent(path))
  } catch {
    return path
  }
}

async function refuseDelivery(
  desk: Desk,
  { webhookUrl, wakeStream }: Configuration,
): Promise<Answer | undefined> {
  if (webhookUrl !== null) return refuseUrl(desk, webhookUrl)
  const record = await desk.streams.find(wakeStream!)
  if (!record || framingOf(record.contentType) === 'json') return undefined
  const message = `wake_stream "${wakeStream}" is ${record.contentType}: wakes need application/json`
  return errorAnswer(400, 'bad-request', message)
}

async function refuseUrl({ webhooks }: Desk, url: string): Promise<Answer | undefined> {
  try {
    await webhooks?.check(url)
    return undefined
  } catch (error) {
    return urlRejected(error instanceof Error ? error.message : `webhook.url cannot be ${url}`)
  }
}

async function make(
  desk: Desk,
  exchange: Exchange,
  name: string,
  configuration: Configuration,
): Promise<Answer> {
  const made: string[] = []
  const stop = desk.manager.overhear((path) => made.push(path))
  try {
    const links = await firstLinks(desk, configuration)
    const recordId = desk.newId()
    const origin = originOf(exchange)
    const fresh = { configuration, origin, createdAt: desk.now(), links }
    const subscription = { ...fresh, generation: 0, revision: 0, wake: null }
    const stored = await desk.store.create(name, { recordId, subscription })
    if (stored.recordId !== recordId) return confirm(desk, exchange, name, configuration, stored)
    desk.manager.adopt(name, stored, made)
    return await shown(desk, exchange, name, stored, 201)
  } finally {
    stop()
  }
}

async function confirm(
  desk: Desk,
  exchange: Exchange,
  name: string,
  wanted: Configuration,
  found: StoredSubscription,
): Promise<Answer> {
  const difference = firstDifference(found.subscription.configuration, wanted)
  if (difference === undefined) return shown(desk, exchange, name, found, 200)
  const message = `Subscription "${idOf(name)}" exists with another ${difference}: delete it first`
  return errorAnswer(409, 'conflict', message)
}

async function shown(
  { keys, webhooks, publicOrigin, prefix }: Desk,
  exchange: Exchange,
  name: string,
  { subscription }: StoredSubscription,
  status: number,
): Promise<Answer> {
  const root = `${publicOrigin ?? originOf(exchange)}${prefix}/__ds`
  const isSigned = webhooks && subscription.configuration.type === 'webhook'
  const body = describeSubscription(name, subscription, isSigned ? await keys() : undefined, root)
  const headers = status === 201 ? { location: `${root}/subscriptions/${name}` } : {}
  return jsonAnswer(status, body, headers)
}

/** By which the caller reached this server; nothing if what it sent makes no URL. */
function originOf({ origin = '' }: Exchange): string {
  return URL.canParse(origin) ? new URL(origin).origin : ''
}
