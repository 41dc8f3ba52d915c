// Numbers, times and sizes as the reader's language writes them.

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** "3 minutes ago", "in 2 hours", "yesterday"; the date itself beyond a week. */
export function relativeTime(at: Date, now: Date, language: string): string {
  const distance = at.getTime() - now.getTime()
  const size = Math.abs(distance)
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'short' })
  if (size < minute) return words.format(0, 'second')
  if (size < hour) return words.format(Math.trunc(distance / minute), 'minute')
  if (size < day) return words.format(Math.trunc(distance / hour), 'hour')
  if (size < 7 * day) return words.format(Math.trunc(distance / day), 'day')
  const sameYear = at.getFullYear() === now.getFullYear()
  return new Intl.DateTimeFormat(language, {
    day: 'numeric',
    month: 'short',
    year: sameYear ? undefined : 'numeric',
  }).format(at)
}

/** The exact instant in the reader's zone, with the zone's name. */
export function absoluteTime(at: Date, language: string): string {
  return new Intl.DateTimeFormat(language, {
    year: 'numeric',
    month: 'short',
    day: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
  }).format(at)
}

/** The time of day, to the second; with the day when that is not the day of reference. */
export function clockTime(at: Date, reference: Date, language: string): string {
  const sameDay = at.toDateString() === reference.toDateString()
  const day = sameDay ? {} : ({ month: 'short', day: 'numeric' } as const)
  return new Intl.DateTimeFormat(language, { ...day, hour: 'numeric', minute: '2-digit', second: '2-digit' }).format(at)
}

/** A length of time in its largest fitting unit: "340 ms", "2.4 sec", "5 min", "3 hr". */
export function duration(milliseconds: number, language: string): string {
  const write = (value: number, unit: string, digits: number) =>
    new Intl.NumberFormat(language, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: digits,
    }).format(value)
  const size = Math.abs(milliseconds)
  if (size < 1000) return write(Math.round(milliseconds), 'millisecond', 0)
  if (size < minute) return write(milliseconds / 1000, 'second', size < 10_000 ? 1 : 0)
  if (size < hour) return write(milliseconds / minute, 'minute', 0)
  if (size < 2 * day) return write(milliseconds / hour, 'hour', size < 10 * hour ? 1 : 0)
  return write(milliseconds / day, 'day', 0)
}

/** A file size: "12 kB", "3.4 MB". */
export function fileSize(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1)
  const value = bytes / 1000 ** power
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit: units[power],
    unitDisplay: power === 0 ? 'long' : 'short',
    maximumFractionDigits: power > 1 && value < 10 ? 1 : 0,
  }).format(value)
}
