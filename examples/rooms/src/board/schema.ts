import { createStateSchema } from 'streamwell/events'
import { z } from 'zod'

export const packageRow = z.object({
  /** Folder in the lock file, such as `node_modules/zod`; `.` is the project itself. */
  path: z.string().min(1),
  name: z.string().min(1),
  version: z.string(),
  licence: z.string().nullable(),
  /** Size on disk in bytes; null when the package is not installed here. */
  bytes: z.number().int().nonnegative().nullable(),
  dev: z.boolean(),
  optional: z.boolean(),
})

export const dependencyRow = z.object({
  id: z.string().min(1),
  /** Path of the package that asks. */
  from: z.string().min(1),
  /** The name and the version range it asks for. */
  name: z.string().min(1),
  range: z.string(),
  kind: z.enum(['prod', 'dev', 'optional', 'peer']),
  /** Path of the package that it gets; null when none is installed. */
  to: z.string().min(1).nullable(),
})

export const commitRow = z.object({
  hash: z.string().min(1),
  author: z.string(),
  /** UTC, ISO 8601, so that text order is time order. */
  date: z.string(),
  subject: z.string(),
  fileCount: z.number().int().nonnegative(),
  /** The first few changed files. */
  files: z.array(z.string()),
})

export type PackageRow = z.infer<typeof packageRow>
export type DependencyRow = z.infer<typeof dependencyRow>
export type CommitRow = z.infer<typeof commitRow>

/** Three kinds of rows in one stream. The page reads them, `feed.ts` writes them. */
export const boardSchema = createStateSchema({
  packages: { schema: packageRow, type: 'package', primaryKey: 'path' },
  dependencies: { schema: dependencyRow, type: 'dependency', primaryKey: 'id' },
  commits: { schema: commitRow, type: 'commit', primaryKey: 'hash' },
})

/** Stream key of the board, below the server's address. */
export const BOARD_KEY = 'rooms/board'
