import { isIP } from 'node:net'
import { StreamError } from '../../../src/core/errors.ts'
import { isLoopbackAddress, isPublicAddress } from './public-address.ts'

/** A webhook that may be called, as far as its URL tells. */
export interface Target {
  url: URL
  /** Name to look up; nothing if the URL has an address. */
  name: string | undefined
  /** Whether an address that the name stands for may be connected to. */
  mayConnect(address: string): boolean
}

/** Top-level names that mean the own machine or network. */
const LOCAL_NAMES = /(^|\.)(localhost|local|internal|home\.arpa)$/
const LOCALHOST = /(^|\.)localhost$/

/**
 * Reads the URL of a webhook.
 *
 * @param allowLocal whether http and https to this very machine are allowed too: in development
 * @throws {StreamError} `bad-request` for one that must not be called.
 */
export function parseTarget(text: string, allowLocal: boolean): Target {
  const url = new URL(text)
  // The parser has made one address of all the ways to write it: decimal, octal, short, full-width.
  const host = url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
  const isAddress = isIP(host) !== 0
  const isLocal = isAddress ? isLoopbackAddress(host) : LOCALHOST.test(host)
  if (url.username !== '' || url.password !== '') throw unsafe('carries a user name or password')
  if (isLocal && allowLocal && /^https?:$/.test(url.protocol)) {
    return { url, name: isAddress ? undefined : host, mayConnect: isLoopbackAddress }
  }
  if (url.protocol !== 'https:') throw unsafe(`is ${url.protocol.slice(0, -1)}, not https`)
  if (isAddress ? !isPublicAddress(host) : LOCAL_NAMES.test(host)) throw notPublic()
  return { url, name: isAddress ? undefined : host, mayConnect: isPublicAddress }
}

/** The error for a webhook that lies on the own machine or network. */
export function notPublic(): StreamError {
  return unsafe('leads to an address that is not of the public internet')
}

function unsafe(problem: string): StreamError {
  return new StreamError(
    'bad-request',
    `webhook.url ${problem}: use an https URL of a host on the public internet`,
  )
}
