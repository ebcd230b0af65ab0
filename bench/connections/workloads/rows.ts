import type { Figures, Value } from '../../harness/row.ts'
import { show } from '../../harness/values.ts'
import type { ComparedRow } from '../comparison-table.ts'
import type { Medians } from '../workload.ts'

/** One row: what each subject has for it. */
export function row(
  what: string,
  medians: Medians,
  value: (figures: Figures) => Value | undefined,
): ComparedRow {
  const values: Partial<Record<string, Value>> = {}
  for (const [subject, figures] of Object.entries(medians)) {
    const known = figures && value(figures)
    if (known) values[subject] = known
  }
  return { what, values }
}

/** A figure by its name. */
export function figure(name: string, unit: string): (figures: Figures) => Value | undefined {
  return (figures) => (figures[name] === undefined ? undefined : { value: figures[name], unit })
}

const NOT_ALL: Value = { value: Infinity, unit: '' }

/** The 99th percentile of the time from writing to arrival, or the longest where there are few. */
export function delivery(figures: Figures): Value {
  const { p50Ms, p99Ms, maxMs, deliveries } = figures
  if (deliveries === undefined) return NOT_ALL
  const isFew = deliveries < 100
  return {
    value: isFew ? maxMs! : p99Ms!,
    unit: 'ms',
    also: `p50 ${show(p50Ms!)} ms${isFew ? `, longest of ${deliveries}` : ''}`,
  }
}

/** How many updates came, of how many: all, or there would be no figures. */
export function delivered({ deliveries }: Figures): Value {
  if (deliveries === undefined) return NOT_ALL
  return { value: deliveries, unit: `of ${deliveries.toLocaleString('en')}` }
}

/** The server's processor time per delivery, of which the append is a part. */
export function serverTime({ serverUs, serverPercent }: Figures): Value | undefined {
  return timeOf(serverUs, serverPercent)
}

/** The same for the client, without the append. */
export function clientTime({ readerUs, readerPercent }: Figures): Value | undefined {
  return timeOf(readerUs, readerPercent)
}

function timeOf(us: number | undefined, percent: number | undefined): Value | undefined {
  if (us === undefined || percent === undefined) return undefined
  return { value: us, unit: 'µs', also: `${show(percent)} % of a core` }
}
