/** Points in time as people read them. Outputs have their own format. */

/** `2026-11-24 09:41 UTC` */
export function utcMinute(time: Date): string {
  return `${time.toISOString().slice(0, 16).replace('T', ' ')} UTC`
}

/** `2026-11-24` */
export function utcDay(time: Date): string {
  return time.toISOString().slice(0, 10)
}
