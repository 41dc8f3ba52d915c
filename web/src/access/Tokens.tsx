import { Button, Input, Text } from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiToken } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { DataTable, type Column } from '../ui/DataTable'
import { FormDialog, FormField } from '../ui/FormDialog'
import { AddIcon, TokenIcon } from '../ui/icons'
import { OnceDialog } from '../ui/OnceDialog'
import { Page } from '../ui/Page'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { useTokenActions, useTokens } from './queries'

/** The tokens by which programs use the API. */
export function Tokens() {
  const { t } = useTranslation()
  const tokens = useTokens()
  const { remove } = useTokenActions()
  const [creating, setCreating] = useState(false)
  const [deleting, setDeleting] = useState<ApiToken>()
  const add = (
    <Button appearance="primary" icon={<AddIcon />} onClick={() => setCreating(true)}>
      {t('tokens.add')}
    </Button>
  )
  const columns: Column<ApiToken>[] = [
    { id: 'name', label: t('tokens.name'), cell: (token) => <strong>{token.name}</strong> },
    {
      id: 'created',
      label: t('ticket.created'),
      width: '160px',
      hide: 'narrow',
      cell: (token) => <Time at={token.created_at} />,
    },
    {
      id: 'used',
      label: t('tokens.used'),
      width: '160px',
      cell: (token) => <Time at={token.last_used_at} none={t('people.never')} />,
    },
    {
      id: 'actions',
      label: t('table.actions'),
      width: '112px',
      cell: (token) => (
        <Button
          size="small"
          aria-label={t('tokens.delete_of', { name: token.name })}
          onClick={() => setDeleting(token)}
        >
          {t('action.delete')}
        </Button>
      ),
    },
  ]
  return (
    <Page title={t('admin.tokens')} lead={t('tokens.lead')} actions={add}>
      <Loaded query={tokens}>
        {(list) =>
          list.length === 0 ? (
            <Empty icon={<TokenIcon />} title={t('tokens.none')} action={add}>
              {t('tokens.none_hint')}
            </Empty>
          ) : (
            <DataTable label={t('admin.tokens')} columns={columns} rows={list} />
          )
        }
      </Loaded>
      {creating && <CreateDialog onClose={() => setCreating(false)} />}
      {deleting && (
        <ConfirmDialog
          title={t('tokens.delete_title', { name: deleting.name })}
          confirm={t('action.delete')}
          onConfirm={() => remove(deleting.id)}
          onClose={() => setDeleting(undefined)}
        >
          <Text block>{t('tokens.delete_what')}</Text>
        </ConfirmDialog>
      )}
    </Page>
  )
}

function CreateDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation()
  const { create } = useTokenActions()
  const [name, setName] = useState('')
  const [secret, setSecret] = useState<string>()
  if (secret)
    return (
      <OnceDialog title={t('tokens.made', { name })} label={t('tokens.token')} secret={secret} onClose={onClose}>
        {t('tokens.once')}
      </OnceDialog>
    )
  return (
    <FormDialog
      title={t('tokens.add')}
      submit={t('tokens.create')}
      complete={name.trim() !== ''}
      onSubmit={async () => setSecret((await create(name.trim())).full_token)}
      onClose={onClose}
    >
      <FormField name="name" label={t('tokens.name')} hint={t('tokens.name_hint')} required>
        <Input value={name} autoFocus onChange={(_, data) => setName(data.value)} />
      </FormField>
    </FormDialog>
  )
}
