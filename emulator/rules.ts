import { invalidRequest, Refusal } from './answers.ts'
import { DAY, endOfDay, isoSeconds, startOfDay, wholeSecond } from './clock.ts'
import type { Settings } from './settings.ts'
import type { ServiceUser } from './users.ts'
import type { World } from './world.ts'

const NICKNAME = /^[A-Za-z0-9 _-]+$/
const EXP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/

/** Unique; letters, numbers, spaces, dashes and underscores (account docs). */
export function checkNickname({ store, settings }: World, user: ServiceUser, name: unknown): string {
  if (typeof name !== 'string' || name.trim() === '') throw invalidRequest('name is required')
  if (!NICKNAME.test(name)) {
    throw invalidRequest('Nickname may only include letters, numbers, spaces, dashes, and underscores.')
  }
  const counts =
    settings.nicknameReuse === 'never' ? () => true : (record: { enabled: boolean }) => record.enabled
  if (store.nicknameTaken(user, name, counts)) {
    throw new Refusal(
      settings.duplicateStatus,
      'duplicate_error',
      `Nickname ${name} already exists. Enter a different nickname.`,
    )
  }
  return name
}

export interface Validity {
  notBefore: Date
  notAfter: Date
}

/** The dates of a certificate requested with this `exp` (absent: the default validity). */
export function decideValidity({ clock, settings }: World, user: ServiceUser, exp: unknown): Validity {
  const now = wholeSecond(clock.now())
  const latest = latestEnd(now, user, settings)
  const asked = exp === undefined || exp === null ? defaultEnd(now, latest, settings) : parseExp(exp)
  if (asked <= now) throw invalidRequest('exp must be in the future')
  if (asked > latest && settings.endDateTooLate === 'refuse') throw tooLate(asked, user, settings)
  const end = earliest(asked, latest)
  return {
    notBefore: startDate(now, settings),
    notAfter: settings.roundEndDates ? earliest(endOfDay(end), user.endDate) : end,
  }
}

function startDate(now: Date, { backdateStart, roundStartDates }: Settings): Date {
  const start = wholeSecond(new Date(now.getTime() - backdateStart))
  return roundStartDates ? startOfDay(start) : start
}

function parseExp(exp: unknown): Date {
  const date = typeof exp === 'string' && EXP.test(exp) ? new Date(exp) : undefined
  // Converting back catches 30 February, which Date turns into March.
  if (date === undefined || Number.isNaN(date.getTime()) || isoSeconds(date) !== exp) {
    throw invalidRequest('exp must be a date and time of the form YYYY-MM-DDTHH:MM:SSZ')
  }
  return date
}

function latestEnd(now: Date, user: ServiceUser, settings: Settings): Date {
  return earliest(new Date(now.getTime() + settings.maximumDays * DAY), user.endDate)
}

function defaultEnd(now: Date, latest: Date, settings: Settings): Date {
  return earliest(new Date(now.getTime() + settings.defaultDays * DAY), latest)
}

function earliest(date: Date, limit: Date | null): Date {
  return limit !== null && limit < date ? limit : date
}

function tooLate(asked: Date, user: ServiceUser, settings: Settings): Refusal {
  const outlives = user.endDate !== null && asked > user.endDate
  return invalidRequest(
    outlives
      ? "The certificate expiry date cannot exceed the service user's end date."
      : `The certificate expiry date cannot be more than ${settings.maximumDays} days from now.`,
  )
}
