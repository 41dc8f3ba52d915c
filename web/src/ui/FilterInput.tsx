import { Input } from '@fluentui/react-components'
import { useEffect, useRef, useState } from 'react'
import { SearchIcon } from './icons'

/** Filters while one types, a moment after the last key. */
export function FilterInput({
  value,
  onValue,
  label,
  ...rest
}: {
  value: string
  onValue: (value: string) => void
  /** The box's name when no field around it gives one. */
  label?: string
  className?: string
}) {
  const [text, setText] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  useEffect(() => setText(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  const type = (typed: string) => {
    setText(typed)
    clearTimeout(timer.current)
    timer.current = setTimeout(() => onValue(typed.trim()), 200)
  }
  return (
    <Input
      {...rest}
      type="search"
      value={text}
      contentBefore={<SearchIcon />}
      aria-label={label}
      placeholder={label}
      onChange={(_, data) => type(data.value)}
    />
  )
}
