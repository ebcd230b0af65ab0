import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { ClientModule } from './world.ts'

/** The client as it is shipped. */
export const CLIENT_FOLDER: string = fileURLToPath(new URL('../../src/core', import.meta.url))

/** @param folder a changed copy of the client, instead of the shipped one */
export function loadClient(folder: string = CLIENT_FOLDER): Promise<ClientModule> {
  return import(pathToFileURL(join(folder, 'index.ts')).href) as Promise<ClientModule>
}
