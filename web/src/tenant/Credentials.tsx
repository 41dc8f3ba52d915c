import {
  Button,
  Card,
  makeStyles,
  Menu,
  MenuItem,
  MenuItemLink,
  MenuList,
  MenuPopover,
  MenuTrigger,
  MessageBar,
  MessageBarBody,
  MessageBarTitle,
  Subtitle2,
  Text,
  tokens,
} from '@fluentui/react-components'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { problemOf } from '../api/problem'
import type { Credential, MicrosoftTenant } from '../api/types'
import { ConfirmDialog } from '../ui/ConfirmDialog'
import { DataTable, type Column } from '../ui/DataTable'
import { AddIcon, MoreIcon, TokenIcon } from '../ui/icons'
import { useNotify } from '../ui/notify'
import { useProblemWords } from '../ui/problems'
import { Empty } from '../ui/states'
import { Time } from '../ui/Time'
import { CertificateDialog } from './CertificateDialog'
import { CredentialState, Expiry } from './Expiry'
import { certificateLink, useTenantActions } from './queries'
import { EditCredentialDialog, SecretDialog } from './SecretDialog'
import { isLastWorking } from './states'
import { UploadDialog } from './UploadDialog'

const useStyles = makeStyles({
  card: { padding: tokens.spacingHorizontalXL, gap: tokens.spacingVerticalL },
  buttons: { display: 'flex', flexWrap: 'wrap', gap: tokens.spacingHorizontalS },
  name: { display: 'flex', flexDirection: 'column', minWidth: 0 },
  text: { overflow: 'hidden', textOverflow: 'ellipsis' },
  dim: { color: tokens.colorNeutralForeground3 },
})

type Adding = 'secret' | 'certificate' | 'upload'

/** The credentials of a tenant, in the order in which they are used. */
export function Credentials({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const [adding, setAdding] = useState<Adding>()
  const close = () => setAdding(undefined)
  return (
    <Card className={styles.card}>
      <Subtitle2 as="h2">{t('credential.title')}</Subtitle2>
      <div className={styles.buttons}>
        <Button appearance="primary" icon={<AddIcon />} onClick={() => setAdding('secret')}>
          {t('credential.add_secret')}
        </Button>
        <Button onClick={() => setAdding('certificate')}>{t('credential.make_certificate')}</Button>
        <Button onClick={() => setAdding('upload')}>{t('credential.upload_certificate')}</Button>
      </div>
      {tenant.credentials.length === 0 ? (
        <Empty icon={<TokenIcon />} title={t('credential.none')}>
          {t('credential.none_hint')}
        </Empty>
      ) : (
        <CredentialTable tenant={tenant} />
      )}
      <Refusals credentials={tenant.credentials} />
      {adding === 'secret' && <SecretDialog tenant={tenant} onClose={close} />}
      {adding === 'certificate' && <CertificateDialog tenant={tenant} onClose={close} />}
      {adding === 'upload' && <UploadDialog tenant={tenant} onClose={close} />}
    </Card>
  )
}

function CredentialTable({ tenant }: { tenant: MicrosoftTenant }) {
  const { t } = useTranslation()
  const styles = useStyles()
  const columns: Column<Credential>[] = [
    {
      id: 'name',
      label: t('credential.name'),
      cell: (one) => (
        <span className={styles.name}>
          <strong className={styles.text} title={one.name}>
            {one.name}
          </strong>
          <Text size={200} className={styles.dim} truncate wrap={false} title={one.hint}>
            {t(`credential.kind.${one.kind}`)} {one.kind === 'secret' ? `${one.hint}…` : one.hint}
          </Text>
        </span>
      ),
      second: (one) => (
        <>
          <CredentialState credential={one} /> <Expiry credential={one} />
        </>
      ),
    },
    {
      id: 'expires',
      label: t('credential.expires'),
      width: '200px',
      hide: 'narrow',
      cell: (one) => <Expiry credential={one} />,
    },
    {
      id: 'state',
      label: t('address.status'),
      width: '136px',
      hide: 'narrow',
      cell: (one) => <CredentialState credential={one} />,
    },
    {
      id: 'tried',
      label: t('credential.accepted'),
      width: '132px',
      hide: 'medium',
      cell: (one) => <Time at={one.accepted_at} none={t('people.never')} />,
    },
    { id: 'actions', label: t('table.actions'), width: '72px', cell: (one) => <Actions tenant={tenant} one={one} /> },
  ]
  return <DataTable label={t('credential.title')} columns={columns} rows={tenant.credentials} />
}

function Actions({ tenant, one }: { tenant: MicrosoftTenant; one: Credential }) {
  const { t } = useTranslation()
  const notify = useNotify()
  const { tryCredential, removeCredential } = useTenantActions()
  const [open, setOpen] = useState<'edit' | 'remove'>()
  const close = () => setOpen(undefined)
  const judge = (tried: Credential) =>
    tried.error ? notify.failed(problemOf(tried.error)) : notify.done(t('credential.accepted_now', { name: one.name }))
  return (
    <>
      <Menu>
        <MenuTrigger disableButtonEnhancement>
          <Button
            size="small"
            appearance="subtle"
            icon={<MoreIcon />}
            aria-label={t('credential.actions_of', { name: one.name })}
          />
        </MenuTrigger>
        <MenuPopover>
          <MenuList>
            <MenuItem onClick={() => tryCredential(tenant.id, one.id).then(judge, notify.failed)}>
              {t('credential.try')}
            </MenuItem>
            {one.kind === 'certificate' && (
              <>
                <MenuItemLink href={certificateLink(tenant.id, one.id, 'cer')}>
                  {t('credential.download', { format: '.cer' })}
                </MenuItemLink>
                <MenuItemLink href={certificateLink(tenant.id, one.id, 'pem')}>
                  {t('credential.download', { format: '.pem' })}
                </MenuItemLink>
              </>
            )}
            <MenuItem onClick={() => setOpen('edit')}>{t('action.edit')}</MenuItem>
            <MenuItem onClick={() => setOpen('remove')}>{t('credential.remove')}</MenuItem>
          </MenuList>
        </MenuPopover>
      </Menu>
      {open === 'edit' && <EditCredentialDialog tenant={tenant} credential={one} onClose={close} />}
      {open === 'remove' && (
        <ConfirmDialog
          title={t('credential.remove_title', { name: one.name })}
          confirm={t('credential.remove')}
          name={isLastWorking(one, tenant.credentials) ? one.name : undefined}
          onConfirm={async () => {
            await removeCredential(tenant.id, one.id)
            notify.done(t('credential.removed', { name: one.name }))
          }}
          onClose={close}
        >
          <Text block>
            {isLastWorking(one, tenant.credentials)
              ? t('credential.remove_last', { count: tenant.addresses.length })
              : t('credential.remove_what')}
          </Text>
        </ConfirmDialog>
      )}
    </>
  )
}

/** Why Microsoft refused credentials, and what to do about each. */
function Refusals({ credentials }: { credentials: Credential[] }) {
  const { t } = useTranslation()
  const words = useProblemWords()
  return credentials.map((one) => {
    if (!one.error) return null
    const { message, remedy } = words(problemOf(one.error))
    return (
      <MessageBar key={one.id} intent="warning" layout="multiline">
        <MessageBarBody>
          <MessageBarTitle>{t('home.about', { address: one.name, message })}</MessageBarTitle> {remedy}{' '}
          <Time at={one.error.at} />
        </MessageBarBody>
      </MessageBar>
    )
  })
}
