import { Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chip } from '../ui/Chip'

const useStyles = makeStyles({
  tags: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS, marginTop: tokens.spacingVerticalXS },
})

/** Tags as chips, and a box to add one by Enter or comma. */
export function TagsField({
  tags,
  size = 'small',
  disabled,
  onChange,
}: {
  tags: string[]
  size?: 'small' | 'medium'
  disabled?: boolean
  onChange: (tags: string[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [text, setText] = useState('')
  const add = () => {
    // Zendesk's rule: a tag has no spaces, and case does not tell two apart.
    const fresh = text
      .toLowerCase()
      .split(/[\s,、]+/)
      .filter((tag) => tag && !tags.includes(tag))
    setText('')
    if (fresh.length > 0) onChange([...tags, ...fresh])
  }
  return (
    <div>
      <Field label={t('ticket.tags')} size={size}>
        <Input
          size={size}
          value={text}
          disabled={disabled}
          placeholder={t('ticket.add_tag')}
          onChange={(_, data) => setText(data.value)}
          onBlur={add}
          onKeyDown={(event) => {
            if ((event.key !== 'Enter' && event.key !== ',') || event.nativeEvent.isComposing) return
            event.preventDefault()
            add()
          }}
        />
      </Field>
      <div className={styles.tags}>
        {tags.map((tag) => (
          <Chip
            key={tag}
            removeLabel={t('ticket.remove_tag', { tag })}
            onRemove={disabled ? undefined : () => onChange(tags.filter((other) => other !== tag))}
          >
            {tag}
          </Chip>
        ))}
      </div>
    </div>
  )
}
