/** One request to a webhook. */
export interface Delivery {
  headers: Readonly<Record<string, string>>
  body: string
  /** Gives up. */
  signal: AbortSignal
}

/** What a webhook answered. */
export interface DeliveryAnswer {
  status: number
  body: string
}

/** How this host reaches webhooks, and which it dares to. */
export interface Webhooks {
  /**
   * Looks at the URL of a subscription in the making.
   *
   * @throws for one that will never be called; the message goes to the caller, with status 400.
   */
  check(url: string): Promise<void>
  /**
   * POSTs to a webhook. Follows no redirect, and connects to no address that it did not check.
   *
   * @throws if there is no answer; the message says why.
   */
  deliver(url: string, delivery: Delivery): Promise<DeliveryAnswer>
}
