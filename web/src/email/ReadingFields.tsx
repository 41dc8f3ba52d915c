import { Button, Field, makeStyles, Radio, RadioGroup, Switch, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { FolderPicker } from './FolderPicker'
import type { FolderSource } from './queries'

/** What of a mailbox is read, and what becomes of it at Microsoft. */
export interface Reading {
  /** Id of the folder; empty for the Inbox. */
  folder: string
  folder_name: string
  subfolders: boolean
  afterwards: Afterwards
}

export const afterwardsChoices = ['move', 'read', 'keep'] as const
export type Afterwards = (typeof afterwardsChoices)[number]

export const isAfterwards = (text: string | null): text is Afterwards => afterwardsChoices.some((one) => one === text)

const useStyles = makeStyles({
  row: { display: 'flex', flexWrap: 'wrap', alignItems: 'center', gap: tokens.spacingHorizontalM },
  dim: { color: tokens.colorNeutralForeground3 },
})

export function ReadingFields({
  source,
  reading,
  onChange,
}: {
  source: FolderSource
  reading: Reading
  onChange: (reading: Reading) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [choosing, setChoosing] = useState(false)
  const change = (part: Partial<Reading>) => onChange({ ...reading, ...part })
  return (
    <>
      <Field label={t('reading.folder')}>
        <div className={styles.row}>
          <Text weight="semibold">{reading.folder_name || t('reading.inbox')}</Text>
          <Button size="small" aria-expanded={choosing} onClick={() => setChoosing(!choosing)}>
            {t(choosing ? 'reading.folder_done' : 'reading.choose')}
          </Button>
        </div>
      </Field>
      {choosing && (
        <FolderPicker
          source={source}
          value={reading.folder}
          onChange={({ id, path }) => change({ folder: id, folder_name: path })}
        />
      )}
      <Field hint={t('reading.subfolders_hint')}>
        <Switch
          label={t('reading.subfolders')}
          checked={reading.subfolders}
          onChange={(_, data) => change({ subfolders: data.checked })}
        />
      </Field>
      <Field label={t('reading.afterwards')}>
        <RadioGroup
          value={reading.afterwards}
          onChange={(_, data) => isAfterwards(data.value) && change({ afterwards: data.value })}
        >
          {afterwardsChoices.map((one) => (
            <Radio key={one} value={one} label={t(`reading.after.${one}`)} />
          ))}
        </RadioGroup>
      </Field>
    </>
  )
}
