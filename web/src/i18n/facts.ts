/** Whether every fact that a translated sentence names is known; what the API kept may lack some. */
export function hasAllFacts(template: string, facts: Record<string, unknown>): boolean {
  return [...template.matchAll(/{{\s*(\w+)/g)].every(([, name]) => name !== undefined && name in facts)
}
