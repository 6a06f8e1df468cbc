import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { renderList, renderReport } from '../../../src/action/check-outputs.ts'
import { inspected, NOW, reportOf, shortLived } from '../../support/inventory.ts'

test('contain every field of a certificate', () => {
  const { json, count } = renderList([inspected(12, { id: 'i', name: 'n', inUse: true })])
  expect(count).toBe(1)
  expect(JSON.parse(json)).toEqual([
    {
      kind: 'client',
      id: 'i',
      name: 'n',
      serial_number: 'AB01',
      not_before: '2025-12-15T12:00:00Z',
      not_after: '2026-06-13T12:00:00Z',
      days_remaining: 12,
      state: 'failing',
      short_lived: false,
      enabled: true,
      in_use: true,
    },
  ])
})

test('a short-lived one is marked, and is fine until it expires', () => {
  const report = reportOf([shortLived(-5), shortLived(0.5), inspected(200)])
  const { certificates, ...head } = JSON.parse(renderReport(report))
  expect(head).toMatchObject({ count: 3, expiring_count: 0, expired_count: 1, short_lived_count: 2 })
  expect(head.next_expiry).toBe(certificates[2].not_after)
  expect(certificates).toMatchObject([
    { short_lived: true, state: 'expired' },
    { short_lived: true, state: 'fine' },
    { short_lived: false, state: 'fine' },
  ])
})

test('an unknown start date is null', () => {
  const [entry] = JSON.parse(renderList([inspected(1, { notBefore: undefined })]).json)
  expect(entry.not_before).toBeNull()
})

test('a list that is too long is cut where it matters least, and no further than needed', () => {
  const all = Array.from({ length: 10_000 }, (_, index) => inspected(index / 20 - 100))
  const { json, count } = renderList(all)
  // GitHub counts UTF-16: two bytes for each unit.
  expect(json.length * 2).toBeLessThan(1_000_000)
  expect(JSON.parse(json)).toHaveLength(count)
  expect(json.length).toBeGreaterThan(140_000)
  const soonest = all.find(({ state }) => state !== 'expired')
  expect(JSON.parse(json)).toContainEqual(expect.objectContaining({ id: soonest?.id }))
})

test('counts names that JSON writes at six times their length as long as they become', () => {
  const all = Array.from({ length: 2_000 }, (_, index) => inspected(index, { name: '\u0001'.repeat(300) }))
  expect(renderList(all).json.length).toBeLessThan(400_000)
})

test('the report is valid JSON with all certificates, whatever their names', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' }), { maxLength: 20 }), names => {
      const report = reportOf(names.map((name, index) => inspected(index, { name })))
      const parsed = JSON.parse(renderReport(report))
      expect(parsed).toMatchObject({ checked_at: NOW.toISOString(), count: names.length })
      expect(parsed.certificates.map(({ name }: { name: string }) => name)).toEqual(names)
    }),
  )
})

test('the report without certificates', () => {
  expect(JSON.parse(renderReport(reportOf([])))).toMatchObject({
    count: 0,
    next_expiry: null,
    certificates: [],
  })
})
