import type { Trigger, TriggerBody, TriggerDefinition } from '../../api/types'

/** One line of the editor: a condition, or an action with its values. */
export interface Line {
  /** Tells lines apart while they come and go. */
  key: number
  field: string
  operator: string
  value: string[]
}

export interface Rule {
  title: string
  description: string
  active: boolean
  all: Line[]
  any: Line[]
  actions: Line[]
}

let lastKey = 0

/** A new line for a field, with the first operator and value that it offers. */
export function newLine(definition: TriggerDefinition): Line {
  const first = definition.input === 'list' && !definition.nullable ? (definition.values?.[0]?.value ?? '') : ''
  return {
    key: ++lastKey,
    field: definition.subject,
    operator: definition.operators?.[0]?.value ?? '',
    value: definition.input === 'mail' ? [definition.values?.[0]?.value ?? '', '', ''] : [first],
  }
}

export const emptyRule: Rule = { title: '', description: '', active: true, all: [], any: [], actions: [] }

/** Conditions as lines of the editor. */
export const linesOf = (list: Trigger['conditions']['all']): Line[] =>
  list.map((one) => ({ key: ++lastKey, field: one.field, operator: one.operator, value: [one.value] }))

/** Actions as lines of the editor. */
export const actionLinesOf = (list: Trigger['actions']): Line[] =>
  list.map(({ field, value }) => ({ key: ++lastKey, field, operator: '', value: Array.isArray(value) ? value : [value] }))

export function ruleOf(trigger: Trigger): Rule {
  return {
    title: trigger.title,
    description: trigger.description ?? '',
    active: trigger.active,
    all: linesOf(trigger.conditions.all),
    any: linesOf(trigger.conditions.any),
    actions: actionLinesOf(trigger.actions),
  }
}

/** Lines as the API takes conditions. */
export const conditionsOf = (lines: Line[]) =>
  lines.map(({ field, operator, value }) => ({ field, operator, value: value[0] ?? '' }))

/** Lines as the API takes actions. */
export const actionsOf = (lines: Line[]) =>
  lines.map(({ field, value }) => ({ field, value: value.length === 1 ? value[0] : value }))

/** The rule as the API takes it. */
export function bodyOf(rule: Rule): TriggerBody {
  return {
    title: rule.title,
    description: rule.description,
    active: rule.active,
    conditions: { all: conditionsOf(rule.all), any: conditionsOf(rule.any) },
    actions: actionsOf(rule.actions),
  }
}
