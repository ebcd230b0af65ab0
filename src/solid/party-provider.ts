import {
  type Context,
  createComponent,
  createContext,
  type JSX,
  splitProps,
  untrack,
  useContext,
} from 'solid-js'
import { StreamError } from '../core/errors.ts'
import { sameOriginServerUrl } from '../state/store/key-url.ts'
import { createStores, type Stores, type StoresOptions } from '../state/store/stores.ts'

const StoresContext: Context<Stores | undefined> = /* @__PURE__ */ createContext()

/** Serves hooks that stand outside a provider, on pages that have a server of their own. */
let storesOfPage: Stores | undefined

export interface PartyProviderProps extends StoresOptions {
  children?: JSX.Element
}

/**
 * Says which server the hooks below it share their state on, and how to ask it. All of its options
 * are read once, when it is created. Not needed on a page whose own server has the streams, as it is
 * with the Vite plugin.
 *
 * @example
 * <PartyProvider serverUrl="https://example.com/v1/stream" headers={{ authorization: getToken }}>
 */
export function PartyProvider(props: PartyProviderProps): JSX.Element {
  const [, options] = splitProps(props, ['children'])
  return createComponent(StoresContext.Provider, {
    value: untrack(() => createStores({ ...options })),
    get children() {
      return props.children
    },
  })
}

/**
 * The stores of the nearest provider, or of the page.
 *
 * @param user the hook that asks, as its user wrote it.
 * @throws {StreamError} `invalid` where there is neither a provider nor a page with a server.
 */
export function useStores(user: string): Stores {
  const stores = useOptionalStores()
  if (stores) return stores
  throw new StreamError(
    'invalid',
    `${user} has no server: outside a browser wrap it in <PartyProvider serverUrl="http://127.0.0.1:4437/v1/stream">`,
  )
}

/** The stores of the nearest provider, or of the page; none outside a browser. */
export function useOptionalStores(): Stores | undefined {
  const provided = useContext(StoresContext)
  if (provided || sameOriginServerUrl() === undefined) return provided
  return (storesOfPage ??= createStores())
}
