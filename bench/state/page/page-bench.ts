import type { SubjectName } from '../subjects/index.ts'

export interface PageFigures {
  ms: number
  /** The longest time for which the event loop was blocked, in milliseconds. */
  blockMs: number
}

/** What a page measures, as `bench` of its window. */
export interface PageBench {
  preload(subject: SubjectName, path: string): Promise<PageFigures>
  /** A visit to a database that keeps its rows in IndexedDB; leaves when they are kept. */
  visit(path: string): Promise<PageFigures>
}
