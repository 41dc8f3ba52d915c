import { Button, makeStyles, Radio, RadioGroup, Spinner, Text, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Folder } from '../api/types'
import { CollapseIcon, ExpandIcon } from '../ui/icons'
import { ProblemBar } from '../ui/problems'
import { useFolders, type FolderSource } from './queries'

const useStyles = makeStyles({
  box: {
    maxHeight: '320px',
    overflowY: 'auto',
    padding: tokens.spacingHorizontalS,
    border: `1px solid ${tokens.colorNeutralStroke1}`,
    borderRadius: tokens.borderRadiusMedium,
  },
  level: { listStyleType: 'none', margin: 0, padding: 0, '& &': { paddingLeft: tokens.spacingHorizontalXL } },
  row: { display: 'flex', alignItems: 'center' },
  gap: { width: '24px', flexShrink: 0 },
  dim: { color: tokens.colorNeutralForeground3 },
})

/** A folder that was chosen: its id, empty for the Inbox, and its path. */
export interface ChosenFolder {
  id: string
  path: string
}

/** The folders of a mailbox, one level after the other; exactly one is chosen. */
export function FolderPicker({
  source,
  value,
  onChange,
}: {
  source: FolderSource
  value: string
  onChange: (folder: ChosenFolder) => void
}) {
  const { t } = useTranslation()
  const styles = useStyles()
  return (
    <div className={styles.box}>
      <RadioGroup aria-label={t('folders.label')} value={value}>
        <Level source={source} parent="" path="" onChange={onChange} />
      </RadioGroup>
    </div>
  )
}

interface Place {
  source: FolderSource
  path: string
  onChange: (folder: ChosenFolder) => void
}

function Level({ parent, ...place }: Place & { parent: string }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const { data, error } = useFolders(place.source, parent)
  if (error) return <ProblemBar error={error} />
  if (!data) return <Spinner size="tiny" label={t('folders.loading')} labelPosition="after" />
  return (
    <ul className={styles.level}>
      {data.folders.map((folder) => (
        <Branch key={folder.id} folder={folder} {...place} />
      ))}
    </ul>
  )
}

function Branch({ folder, path, ...place }: Place & { folder: Folder }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [open, setOpen] = useState(false)
  const own = path ? `${path} / ${folder.name}` : folder.name
  const id = folder.inbox ? '' : folder.id
  return (
    <li>
      <div className={styles.row}>
        {folder.children > 0 ? (
          <Button
            size="small"
            appearance="transparent"
            icon={open ? <ExpandIcon /> : <CollapseIcon />}
            aria-expanded={open}
            aria-label={t('folders.below', { folder: folder.name })}
            onClick={() => setOpen(!open)}
          />
        ) : (
          <span className={styles.gap} />
        )}
        <Radio
          value={id}
          onChange={() => place.onChange({ id, path: own })}
          label={
            <>
              {folder.name}{' '}
              <Text size={200} className={styles.dim}>
                {t('address.mails', { count: folder.mails })}
              </Text>
            </>
          }
        />
      </div>
      {open && <Level parent={folder.id} path={own} {...place} />}
    </li>
  )
}
