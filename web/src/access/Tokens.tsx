import {
  Button,
  Dialog,
  DialogActions,
  DialogBody,
  DialogContent,
  DialogSurface,
  DialogTitle,
  Field,
  Input,
  makeStyles,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ApiToken } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { DataTable, type Column } from '../ui/DataTable'
import { AddIcon, TokenIcon } from '../ui/icons'
import { Page } from '../ui/Page'
import { ProblemBar } from '../ui/problems'
import { SecretField } from '../ui/SecretField'
import { Empty, Loaded } from '../ui/states'
import { Time } from '../ui/Time'
import { useTokenActions, useTokens } from './queries'

const useStyles = makeStyles({
  form: { display: 'flex', flexDirection: 'column', gap: tokens.spacingVerticalL },
})

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
  const styles = useStyles()
  const { create } = useTokenActions()
  const [name, setName] = useState('')
  const [secret, setSecret] = useState<string>()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setError(undefined)
    try {
      setSecret((await create(name.trim())).full_token)
    } catch (thrown) {
      setError(thrown)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Dialog open modalType={secret ? 'alert' : 'modal'} onOpenChange={(_, data) => !data.open && onClose()}>
      <DialogSurface>
        {secret ? (
          <DialogBody>
            <DialogTitle>{t('tokens.made', { name })}</DialogTitle>
            <DialogContent className={styles.form}>
              <Text>{t('tokens.once')}</Text>
              <SecretField value={secret} label={t('tokens.token')} />
            </DialogContent>
            <DialogActions>
              <Button appearance="primary" onClick={onClose}>
                {t('action.done')}
              </Button>
            </DialogActions>
          </DialogBody>
        ) : (
          <form onSubmit={(event) => void submit(event)}>
            <DialogBody>
              <DialogTitle>{t('tokens.add')}</DialogTitle>
              <DialogContent className={styles.form}>
                <ProblemBar error={error} />
                <Field label={t('tokens.name')} hint={t('tokens.name_hint')} required>
                  <Input value={name} autoFocus onChange={(_, data) => setName(data.value)} />
                </Field>
              </DialogContent>
              <DialogActions>
                <Button onClick={onClose}>{t('action.cancel')}</Button>
                <Button type="submit" appearance="primary" disabled={busy || !name.trim()}>
                  {t('tokens.create')}
                </Button>
              </DialogActions>
            </DialogBody>
          </form>
        )}
      </DialogSurface>
    </Dialog>
  )
}
