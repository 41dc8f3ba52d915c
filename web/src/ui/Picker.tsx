import { Combobox, makeStyles, mergeClasses, Option, OptionGroup, tokens } from '@fluentui/react-components'
import { Fragment, useState } from 'react'
import { useTranslation } from 'react-i18next'

const useStyles = makeStyles({
  box: { width: '100%', minWidth: 0, '& > input': { minWidth: 0, textOverflow: 'ellipsis' } },
  list: { minWidth: '240px', maxHeight: '50vh' },
  option: { display: 'flex', flexDirection: 'column', minWidth: 0, overflowWrap: 'anywhere' },
  detail: { color: tokens.colorNeutralForeground3, fontSize: tokens.fontSizeBase200 },
})

export interface Choice {
  value: string
  name: string
  detail?: string
}

/** Choices that stand together, under a heading when they have a label. */
export interface ChoiceGroup {
  label?: string
  choices: Choice[]
}

/** A box to choose by typing: what is typed narrows the list down, which whoever uses the box gives. */
export function Picker({
  label,
  chosen,
  placeholder,
  size = 'medium',
  className,
  disabled,
  text,
  groups,
  waiting,
  more,
  onText,
  onOpen,
  onChosen,
}: {
  /** Only where no field around it names it. */
  label?: string
  /** What the box shows while nobody types; without one it is empty again after each choice. */
  chosen?: Choice
  placeholder?: string
  size?: 'small' | 'medium'
  className?: string
  disabled?: boolean
  text: string
  /** Undefined: there is nothing to show before more is typed. */
  groups: ChoiceGroup[] | undefined
  /** The list is still the one of an earlier text. */
  waiting?: boolean
  /** A last line, for what is not shown. */
  more?: string
  onText: (text: string) => void
  onOpen?: () => void
  onChosen: (value: string) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [open, setOpen] = useState(false)
  const choices = groups?.flatMap((group) => group.choices) ?? []
  const show = () => {
    setOpen(true)
    onOpen?.()
  }
  const take = (value: string) => {
    onText('')
    setOpen(false)
    if (value !== chosen?.value) onChosen(value)
  }
  return (
    <Combobox
      size={size}
      aria-label={label}
      className={mergeClasses(styles.box, className)}
      listbox={{ className: styles.list }}
      expandIcon={{ 'aria-label': t('finder.open') }}
      autoComplete="off"
      disabled={disabled}
      freeform // what becomes of the text is up to us
      disableAutoFocus // who leaves the list by Tab has chosen nothing
      placeholder={(open && chosen?.name) || placeholder}
      value={open || !chosen ? text : chosen.name}
      selectedOptions={chosen ? [chosen.value] : []}
      open={open && groups !== undefined}
      onFocus={(event) => event.target.select()} // typing replaces what was chosen
      onOpenChange={(_, data) => {
        if (data.open) return show()
        setOpen(false)
        onText('')
      }}
      onChange={(event) => {
        onText(event.target.value)
        show() // Fluent opens on keys alone, which an input method may keep to itself
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Enter' || !open || text === '' || event.nativeEvent.isComposing) return
        if (document.getElementById(event.currentTarget.getAttribute('aria-activedescendant') ?? '')) return
        // Fluent points at names that begin with the text alone, and closes when it points at none.
        event.preventDefault()
        if (choices.length === 1 && !waiting) return take(choices[0]!.value)
        onText(text)
        show()
      }}
      onOptionSelect={(_, { optionValue }) => {
        if (optionValue !== undefined) take(optionValue)
      }}
    >
      {groups?.map(({ label, choices }, i) => {
        const options = choices.map(({ value, name, detail }) => (
          <Option key={value} value={value} text={name}>
            <span className={styles.option}>
              {name}
              {detail && <span className={styles.detail}>{detail}</span>}
            </span>
          </Option>
        ))
        return label && options.length > 0 ? (
          <OptionGroup key={label} label={label}>
            {options}
          </OptionGroup>
        ) : (
          <Fragment key={label ?? i}>{options}</Fragment>
        )
      })}
      {groups && choices.length === 0 && !waiting && (
        <Option disabled value="" text="">
          {t('finder.none')}
        </Option>
      )}
      {more && (
        <Option disabled value="more" text="">
          {more}
        </Option>
      )}
    </Combobox>
  )
}
