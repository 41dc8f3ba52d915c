/** Places values on a box, oldest left, largest at the top. */
export function sparkPoints(values: number[], width: number, height: number): string[] {
  const top = Math.max(...values, 1)
  const step = values.length > 1 ? width / (values.length - 1) : 0
  return values.map((value, i) => `${round(i * step)},${round(height - (value / top) * (height - 2))}`)
}

const round = (value: number) => Math.round(value * 10) / 10
