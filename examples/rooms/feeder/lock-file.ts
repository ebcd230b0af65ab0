import { z } from 'zod'

/** What the board wants to know of one entry of `package-lock.json`. */
const lockEntry = z.object({
  name: z.string().optional(),
  version: z.string().default(''),
  license: z.string().nullable().default(null).catch(null),
  dev: z.boolean().default(false),
  optional: z.boolean().default(false),
  devOptional: z.boolean().default(false),
  link: z.boolean().default(false),
  resolved: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({}),
  peerDependencies: z.record(z.string(), z.string()).default({}),
})

const lockFile = z.object({
  name: z.string().optional(),
  lockfileVersion: z.number(),
  packages: z.record(z.string(), lockEntry),
})

export type LockEntry = z.infer<typeof lockEntry>

export interface LockFile {
  /** Name of the project itself. */
  name: string
  /** Entries by folder; the project itself is `''`. */
  packages: ReadonlyMap<string, LockEntry>
}

/**
 * Reads the text of a `package-lock.json`.
 *
 * @throws {Error} naming the first thing that is not as npm 7 or later writes it.
 */
export function parseLockFile(text: string): LockFile {
  const result = lockFile.safeParse(parseJson(text))
  if (!result.success) {
    const [issue] = result.error.issues
    throw new Error(
      `it is not a lock file of npm 7 or later: ${issue?.path.join(' › ')}: ${issue?.message}`,
    )
  }
  const { name = 'this project', packages } = result.data
  return { name, packages: new Map(Object.entries(packages)) }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new Error(`it is not JSON: ${(cause as Error).message}`, { cause })
  }
}
