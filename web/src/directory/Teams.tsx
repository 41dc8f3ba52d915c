import { Badge, Button, Input, makeStyles, Textarea, tokens } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useNavigate } from 'react-router'
import { apiURL } from '../api/client'
import type { Group } from '../api/types'
import { useGroups } from '../desk/trigger/queries'
import { DataTable, RowLink, type Column } from '../ui/DataTable'
import { FormDialog, FormField } from '../ui/FormDialog'
import { AddIcon, TeamIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { CsvMenu } from './CsvMenu'
import { useTeamActions, useTeamMemberships } from './teams'

const useStyles = makeStyles({
  name: { display: 'flex', alignItems: 'center', gap: tokens.spacingHorizontalS, minWidth: 0 },
})

const pathOf = (team: Group) => `/admin/teams/${team.id}`

/** The teams that agents work in. */
export function Teams() {
  const { t } = useTranslation()
  const styles = useStyles()
  const teams = useGroups()
  const { data: memberships } = useTeamMemberships()
  const [creating, setCreating] = useState(false)
  const members = (team: Group) => memberships?.filter((one) => one.group_id === team.id).length
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => setCreating(true)}>
      {t('team.add')}
    </Button>
  )
  const columns: Column<Group>[] = [
    {
      id: 'name',
      label: t('team.name'),
      cell: (team) => (
        <span className={styles.name}>
          <RowLink to={pathOf(team)}>{team.name}</RowLink>
          {team.default && (
            <Badge appearance="outline" size="small" title={t('team.default_hint')}>
              {t('address.default')}
            </Badge>
          )}
        </span>
      ),
    },
    {
      id: 'description',
      label: t('team.description'),
      width: '44%',
      hide: 'narrow',
      cell: (team) => team.description || '–',
    },
    { id: 'members', label: t('team.members'), width: '112px', cell: (team) => members(team) ?? '' },
    {
      id: 'updated',
      label: t('organization.changed'),
      width: '124px',
      hide: 'medium',
      cell: (team) => <Time at={team.updated_at} />,
    },
  ]
  return (
    <Page
      title={t('admin.teams')}
      lead={t('team.lead')}
      actions={
        <>
          <CsvMenu exportURL={apiURL('/groups/export.csv')} />
          {add}
        </>
      }
    >
      <Loaded query={teams}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<TeamIcon />} title={t('team.none')} action={add}>
              {t('team.none_hint')}
            </Empty>
          ) : (
            <DataTable label={t('admin.teams')} columns={columns} rows={list} href={pathOf} />
          )
        }
      </Loaded>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
    </Page>
  )
}

/** Adds a team, and goes to its page, where members are added. */
function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { save } = useTeamActions()
  const navigate = useNavigate()
  const [name, setName] = useState('')
  const [description, setDescription] = useState('')
  const create = async () => navigate(pathOf(await save(undefined, { name: name.trim(), description })))
  return (
    <FormDialog
      title={t('team.add')}
      submit={t('team.create')}
      complete={name.trim() !== ''}
      onSubmit={create}
      onClose={onClose}
    >
      <FormField name="name" label={t('team.name')} required>
        <Input value={name} autoFocus onChange={(_, data) => setName(data.value)} />
      </FormField>
      <FormField name="description" label={t('team.description')}>
        <Textarea rows={2} value={description} onChange={(_, data) => setDescription(data.value)} />
      </FormField>
    </FormDialog>
  )
}
