import { Field, Input, makeStyles, tokens } from '@fluentui/react-components'
import { useId, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Chip } from '../ui/Chip'
import { useTagSearch } from './queries'

const useStyles = makeStyles({
  tags: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalXS, marginTop: tokens.spacingVerticalXS },
})

/** Tags as chips, and a box to add one by Enter or comma, which knows the tags that there are. */
export function TagsField({
  tags,
  size = 'small',
  hint,
  disabled,
  onChange,
}: {
  tags: string[]
  hint?: string
  size?: 'small' | 'medium'
  disabled?: boolean
  onChange: (tags: string[]) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [text, setText] = useState('')
  const list = useId()
  const { data: found = [] } = useTagSearch(text.trim().toLowerCase())
  const add = (typed = text) => {
    // Zendesk's rule: a tag has no spaces, and case does not tell two apart.
    const fresh = typed
      .toLowerCase()
      .split(/[\s,、]+/)
      .filter((tag) => tag && !tags.includes(tag))
    setText('')
    if (fresh.length > 0) onChange([...tags, ...fresh])
  }
  return (
    <div>
      <Field label={t('ticket.tags')} hint={hint} size={size}>
        <Input
          size={size}
          value={text}
          disabled={disabled}
          placeholder={t('ticket.add_tag')}
          list={list}
          autoComplete="off"
          onChange={(event, data) => {
            // A tag that was chosen from the list, not typed to its end, is added at once.
            const chosen = !(event.nativeEvent as InputEvent).inputType?.startsWith('insertText')
            if (chosen && found.includes(data.value)) add(data.value)
            else setText(data.value)
          }}
          onBlur={() => add()}
          onKeyDown={(event) => {
            if ((event.key !== 'Enter' && event.key !== ',') || event.nativeEvent.isComposing) return
            event.preventDefault()
            add()
          }}
        />
      </Field>
      <datalist id={list}>
        {found
          .filter((tag) => !tags.includes(tag))
          .map((tag) => (
            <option key={tag} value={tag} />
          ))}
      </datalist>
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
