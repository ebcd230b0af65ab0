import type { HandlerOptions } from '../../dev-server/index.ts'
import { bundle, type Scripts } from './bundle.ts'
import { bundleClient, type ClientSite, startClientSite } from './client-site.ts'

/** The state layer as scripts: `/state.js`, `/persistence.js`, and what they load. */
export function bundleState(): Promise<Scripts> {
  return bundle({
    state: 'src/state/db/index.ts',
    persistence: 'src/state/persistence/index.ts',
  })
}

/** A site whose pages can import the state layer. */
export async function startStateSite(options: HandlerOptions = {}): Promise<ClientSite> {
  const [client, scripts] = await Promise.all([bundleClient(), bundleState()])
  return startClientSite(client, options, scripts)
}
