import { expect, test } from 'vitest'
import type { Trigger } from '../../api/types'
import { bodyOf, ruleOf } from './rule'

test('what was loaded is saved as it was', () => {
  const trigger = {
    title: 'Answer',
    description: null,
    active: false,
    conditions: { all: [{ field: 'status', operator: 'changed', value: '' }], any: [] },
    actions: [
      { field: 'priority', value: 'high' },
      { field: 'notification_user', value: ['requester_id', 'Hello', 'You'] },
    ],
  } as unknown as Trigger
  expect(bodyOf(ruleOf(trigger))).toEqual({ ...trigger, description: '' })
})
